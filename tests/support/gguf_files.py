"""Other forms of a GGUF file: in several parts as llama.cpp splits it, or without one of its tensors."""

from __future__ import annotations

from pathlib import Path


def split(source, folder, *, per_part):
    """Write the model in parts of so many tensors into the folder; returns their paths in order.

    The package gguf writes them, which is llama.cpp's own: names, `split.no`, `split.count` and `split.tensors.count`.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    _copy(source, Path(folder) / f"{Path(source).stem}.gguf", split_max_tensors=per_part)
    return sorted(Path(folder).glob(f"{Path(source).stem}-*-of-*.gguf"))


def without(source, target, name, *, more=None):
    """Write the model without that tensor, and with others by their names."""
    return _copy(source, target, left_out=name, more=more or {})


def names(source):
    """Names of the tensors in the file."""
    import gguf

    return [tensor.name for tensor in gguf.GGUFReader(source).tensors]


def _copy(source, target, *, left_out=None, more=None, **options):
    import gguf

    reader = gguf.GGUFReader(source)
    fields = {name: field for name, field in reader.fields.items() if not name.startswith("GGUF.")}
    architecture = fields.pop("general.architecture").contents()
    writer = gguf.GGUFWriter(target, architecture, **options)
    for name, field in fields.items():
        array = field.types[0] == gguf.GGUFValueType.ARRAY
        writer.add_key_value(name, field.contents(), field.types[0], sub_type=field.types[-1] if array else None)
    for tensor in reader.tensors:
        if tensor.name != left_out:
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
    for name, tensor in (more or {}).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return Path(target)

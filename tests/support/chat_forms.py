"""The forms of published chat templates: what each family's template writes around a turn."""

from __future__ import annotations

from dataclasses import replace

from support.chat_form import Form


def _turns(name: str, turn: str, *, user: str = "user", assistant: str = "assistant", **more: object) -> Form:
    """A form whose turns all look alike: `turn` has the role in the place of `@`."""
    role = {"system": turn.replace("@", "system")} | more
    ask = turn.replace("@", assistant).partition("{}")[0]
    form = Form(name, turn.replace("@", user), turn.replace("@", assistant), ask)
    return replace(form, **role)  # type: ignore[arg-type]


IM = "<|im_start|>@\n{}<|im_end|>\n"
HEADER = "<|start_header_id|>@<|end_header_id|>\n\n{}<|eot_id|>"
BARS = "<|@|>\n{}</s>\n"
END = "<|@|>\n{}<|end|>\n"
GEMMA = "<start_of_turn>@\n{}<end_of_turn>\n"
EMPTY = "<think>\n\n</think>\n\n"
BLOCK = "<think>\n{}\n</think>\n\n"
INST, SYS = "[INST] {} [/INST]", "<<SYS>>\n{}\n<</SYS>>\n\n"
BEGIN, EOT, TEXT = "<|begin_of_text|>", "<|eot_id|>", "<|endoftext|>"
DEEP = ("<｜User｜>{}", "<｜Assistant｜>{}<｜end▁of▁sentence｜>", "<｜Assistant｜>")
GLM = ("<|user|>\n{}", "<|assistant|>\n{}", "<|assistant|>", "<|system|>\n{}")
DATES = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n"
HARMONY = "<|start|>assistant<|channel|>final<|message|>{}"
COHERE = "<|START_OF_TURN_TOKEN|><|@_TOKEN|>{}<|END_OF_TURN_TOKEN|>"
ASSISTANT = "<|assistant|>\n{}<|endoftext|>"
IM_DEFAULT, DATED = IM.replace("@", "system"), HEADER.replace("@", "system").replace("{}", DATES + "{}")

CHATML = {"bos": "", "eos": "<|im_end|>"}
LLAMA3 = {"bos": BEGIN, "eos": EOT, "trims": True}
GOOGLE = {"assistant": "model", "bos": "<bos>", "eos": "<eos>", "trims": True, "alternates": True}
SENTENCE = {"bos": "<｜begin▁of▁sentence｜>", "eos": "<｜end▁of▁sentence｜>"}
COMMAND = {"user": "USER", "assistant": "CHATBOT", "bos": "<BOS_TOKEN>", "eos": "<|END_OF_TURN_TOKEN|>"}
NO_BOS = {"bos": "", "eos": TEXT}
SHORT_LAST = {"answer": ASSISTANT + "\n", "last": ASSISTANT, "eos": TEXT}
THINKS = "<|im_start|>assistant\n<think>\n"

# fmt: off
FORMS = [
    _turns("chatml", IM, **CHATML),
    _turns("qwen-1.5", IM, default=IM_DEFAULT.format("You are a helpful assistant"), **CHATML),
    _turns("qwen-2.5", IM, default=IM_DEFAULT.format("You are Qwen, a helpful assistant."), **CHATML),
    _turns("qwen-3", IM, empty=EMPTY, thinks=BLOCK, cuts=True, **CHATML),
    _turns("qwen-3-instruct-2507", IM, **CHATML),
    _turns("qwen-3-thinking-2507", IM, empty=EMPTY, thinks=BLOCK, cuts=True, asks=THINKS, **CHATML),
    _turns("qwq", IM, thinks=None, cuts=True, asks=THINKS, **CHATML),
    Form("llama-2", "<s>" + INST, " {} </s>", "", in_user=SYS, bos="", trims=True, alternates=True),
    _turns("llama-3", HEADER, **LLAMA3),
    _turns("llama-3.1", HEADER, default=DATED.replace("{}", ""), **LLAMA3 | {"system": DATED}),
    _turns("llama-4", "<|header_start|>@<|header_end|>\n\n{}<|eot|>", bos=BEGIN, eos="<|eot|>", trims=True),
    Form("mistral-0.1", INST, "{}</s> ", "", alternates=True),
    Form("mistral-0.2", " " + INST, " {}</s>", "", alternates=True),
    Form("mistral-0.3", "[INST] {}[/INST]", " {}</s>", "", in_user="{}\n\n", trims=True, alternates=True),
    Form("mistral-tekken", "[INST]{}[/INST]", "{}</s>", "", in_user="{}\n\n", alternates=True),
    Form("mistral-7", "[INST]{}[/INST]", "{}</s>", "", system="[SYSTEM_PROMPT]{}[/SYSTEM_PROMPT]"),
    Form("mixtral", " " + INST, " {}</s>", "", in_user="{}\n", alternates=True),
    _turns("gemma", GEMMA, system=None, **GOOGLE),
    _turns("gemma-3", GEMMA, in_user="{}\n\n", **GOOGLE),
    _turns("phi-3", END, eos=TEXT),
    _turns("phi-3.5", END, tail=TEXT, **NO_BOS),
    _turns("phi-4", "<|im_start|>@<|im_sep|>{}<|im_end|>", **CHATML),
    _turns("phi-4-mini", "<|@|>{}<|end|>", tail=TEXT, **NO_BOS),
    Form("deepseek-2", "User: {}\n\n", "Assistant: {}<｜end▁of▁sentence｜>", "Assistant:", "{}\n\n", **SENTENCE),
    Form("deepseek-3", *DEEP, "{}", **SENTENCE),
    Form("deepseek-3.1", DEEP[0], DEEP[1].replace("{}", "</think>{}"), DEEP[2] + "</think>", "{}", thinks=None,
         cuts=True, **SENTENCE),
    Form("deepseek-r1", *DEEP[:2], "<｜Assistant｜><think>\n", "{}", thinks=None, cuts=True, **SENTENCE),
    Form("glm-4", *GLM, head="[gMASK]<sop>", **NO_BOS),
    Form("glm-4.5", *GLM, head="[gMASK]<sop>", empty="<think></think>\n", thinks="<think>{}</think>\n", cuts=True,
         trims=True, **NO_BOS),
    Form("gpt-oss", "<|start|>user<|message|>{}<|end|>", HARMONY + "<|end|>", "<|start|>assistant",
         "<|start|>developer<|message|># Instructions\n\n{}<|end|>", last=HARMONY + "<|return|>", bos="",
         head="<|start|>system<|message|># Valid channels: analysis, final.<|end|>", eos="<|return|>"),
    _turns("nemotron-3", IM, empty="<think></think>", thinks="<think>\n{}\n</think>\n", cuts=True, asks=THINKS,
           default=IM_DEFAULT.format(""), **CHATML),
    _turns("llama-nemotron", HEADER, thinks=None, cuts=True, default=HEADER.replace("@", "system").format(""),
           **LLAMA3),
    _turns("zephyr", BARS, bos="", asks="<|assistant|>"),
    _turns("tinyllama", BARS, bos=""),
    _turns("smollm-2", IM, default=IM_DEFAULT.format("You are SmolLM."), **CHATML),
    _turns("smollm-3", IM, empty="<think>\n\n</think>\n", thinks=BLOCK, cuts=True,
           default=IM_DEFAULT.format("## Metadata\n\nReasoning Mode: /no_think\n\n"), **CHATML),
    _turns("olmo", "<|@|>\n{}\n", bos=TEXT, **SHORT_LAST),
    Form("falcon", "User: {}\n\n", "Assistant: {}\n\n", "Assistant:", "{}\n\n", trims=True, **NO_BOS),
    _turns("falcon-3", "<|@|>\n{}\n", bos="", tail="\n", **SHORT_LAST),
    _turns("command-r", COHERE, trims=True, alternates=True, **COMMAND | {"system": COHERE.replace("@", "SYSTEM")}),
    _turns("command-r7b", COHERE, answer=COHERE.replace("@", "CHATBOT").replace(
        "{}", "<|START_RESPONSE|>{}<|END_RESPONSE|>"), **COMMAND),
    _turns("yi", IM, **CHATML),
    _turns("internlm-2", IM, eos="<|im_end|>"),
    Form("baichuan-2", "<reserved_106>{}", "<reserved_107>{}", "<reserved_107>", "{}", bos=""),
    Form("vicuna", "USER: {} ", "ASSISTANT: {}</s>", "ASSISTANT:", "{} ", default="A chat with an assistant. "),
    Form("alpaca", "### Instruction:\n{}\n\n", "### Response:\n{}\n\n", "### Response:\n", "{}\n\n", trims=True),
    Form("openchat", "GPT4 Correct User: {}<|end_of_turn|>", "GPT4 Correct Assistant: {}<|end_of_turn|>",
         "GPT4 Correct Assistant:", "GPT4 Correct System: {}<|end_of_turn|>", eos="<|end_of_turn|>"),
    Form("starling-code", "Code User: {}<|end_of_turn|>", "Code Assistant: {}<|end_of_turn|>", "Code Assistant:", "{}",
         eos="<|end_of_turn|>"),
    _turns("stablelm-zephyr", "<|@|>\n{}<|endoftext|>\n", alternates=True, **NO_BOS),
    _turns("granite-3", "<|start_of_role|>@<|end_of_role|>{}<|end_of_text|>\n", bos="", eos="<|end_of_text|>"),
    Form("solar", "### User:\n{}\n\n", "### Assistant:\n{}\n\n", "### Assistant:\n", "### System:\n{}\n\n"),
    Form("exaone-3.5", "[|user|]{}\n", "[|assistant|]{}[|endofturn|]\n", "[|assistant|]", "[|system|]{}[|endofturn|]\n",
         bos="", eos="[|endofturn|]", default="[|system|][|endofturn|]\n"),
    Form("exaone-deep", "[|user|]{}\n", "[|assistant|]{}[|endofturn|]\n", "[|assistant|]<thought>\n", "[|system|]{}\n",
         bos="", eos="[|endofturn|]"),
    Form("minicpm", "<用户>{}", "<AI>{}", "<AI>", "{}", trims=True),
    _turns("jamba", "<|bom|><|@|> {}<|eom|>", bos="<|startoftext|>", eos=TEXT),
    _turns("dbrx", IM, last=IM.replace("@", "assistant").rstrip(), **CHATML),
    _turns("tulu-3", "<|@|>\n{}\n", bos="", **SHORT_LAST),
    _turns("hermes", IM, bos=BEGIN, eos="<|im_end|>"),
    _turns("kimi-k2", "<|im_@|>@<|im_middle|>{}<|im_end|>", bos="", eos="[EOS]"),
    Form("ling", "<role>HUMAN</role>{}", "<role>ASSISTANT</role>{}", "<role>ASSISTANT</role>", "<role>SYSTEM</role>{}",
         **NO_BOS),
    Form("hunyuan", "<｜hy_User｜>{}", "<｜hy_Assistant｜>{}<｜hy_place▁holder▁no▁2｜>", "<｜hy_Assistant｜>", "{}",
         bos="<｜hy_begin▁of▁sentence｜>", eos="<｜hy_place▁holder▁no▁2｜>"),
    _turns("apertus", "<|@_start|>{}<|@_end|>", eos="<|assistant_end|>"),
    _turns("minimax", "]~b]@\n{}[e~[\n", assistant="ai", head="]~!b[", bos="", eos="[e~[", thinks=BLOCK, cuts=True),
    _turns("seed-oss", "<seed:bos>@\n{}<seed:eos>", bos="", eos="<seed:eos>"),
    _turns("smolvlm", "@: {}<end_of_utterance>\n", user="User", assistant="Assistant", bos="<|im_start|>", parts=True,
           asks="Assistant:", eos="<end_of_utterance>"),
]
# fmt: on
"""The forms."""

r"""Texts that want to steer, hide or deceive, and what people must see of them: one table for all that icon shows.

A row is a name, the text, and how it is shown. The third column is the same for the terminal, the page, the card and
the CSV, written out by hand; a card writes a backslash before what Markdown would read, and a CSV an apostrophe before
what a spreadsheet could run. The letters a and z stand around most payloads, so that a place is known on both sides.
"""

from __future__ import annotations

from typing import NamedTuple


class Payload(NamedTuple):
    """One text and how it is shown."""

    name: str
    text: str
    shown: str


STEERING = [
    Payload("colour", "a\x1b[31mz", r"a\u001b[31mz"),
    Payload("concealed text", "a\x1b[8mz\x1b[0m", r"a\u001b[8mz\u001b[0m"),
    Payload("clear the screen", "a\x1b[2J\x1b[Hz", r"a\u001b[2J\u001b[Hz"),
    Payload("cursor up and over the line above", "a\x1b[1A\x1b[2Kz", r"a\u001b[1A\u001b[2Kz"),
    Payload("cursor hidden", "a\x1b[?25lz", r"a\u001b[?25lz"),
    Payload("other screen", "a\x1b[?1049hz", r"a\u001b[?1049hz"),
    Payload("mouse reports", "a\x1b[?1000hz", r"a\u001b[?1000hz"),
    Payload("asks for the cursor's place", "a\x1b[6nz", r"a\u001b[6nz"),
    Payload("asks for the terminal's name", "a\x1b[>qz", r"a\u001b[>qz"),
    Payload("bracketed paste", "a\x1b[200~rm -rf x\x1b[201~z", r"a\u001b[200~rm -rf x\u001b[201~z"),
    Payload("title of the window", "a\x1b]0;owned\x07z", r"a\u001b]0;owned\u0007z"),
    Payload("a link", "a\x1b]8;;https://example.org\x1b\\z", "a\\u001b]8;;https://example.org\\u001b\\z"),
    Payload("the clipboard", "a\x1b]52;c;ZWNobw==\x07z", r"a\u001b]52;c;ZWNobw==\u0007z"),
    Payload("a notification", "a\x1b]9;hello\x07z", r"a\u001b]9;hello\u0007z"),
    Payload("palette", "a\x1b]4;0;#ffffff\x07z", r"a\u001b]4;0;#ffffff\u0007z"),
    Payload("device control", "a\x1bP$q\x1b\\z", "a\\u001bP$q\\u001b\\z"),
    Payload("application command", "a\x1b_x\x1b\\z", "a\\u001b_x\\u001b\\z"),
    Payload("reset", "a\x1bcz", r"a\u001bcz"),
    Payload("line drawing letters", "a\x1b(0z", r"a\u001b(0z"),
    Payload("CSI in one character", "a\x9b31mz", r"a\u009b31mz"),
    Payload("OSC in one character", "a\x9d0;owned\x9cz", r"a\u009d0;owned\u009cz"),
    Payload("DCS in one character", "a\x90x\x9cz", r"a\u0090x\u009cz"),
    Payload("next line", "a\x85z", r"a\u0085z"),
    Payload("back to the beginning of the line", "a\rz", r"a\u000dz"),
    Payload("a carriage return after a line feed", "a\n\rz", "a\n\\u000dz"),
    Payload("backspaces", "a\x08\x08z", r"a\u0008\u0008z"),
    Payload("bell", "a\x07z", r"a\u0007z"),
    Payload("vertical tab and form feed", "a\x0b\x0cz", r"a\u000b\u000cz"),
    Payload("shift out and in", "a\x0e\x0fz", r"a\u000e\u000fz"),
    Payload("null", "a\x00z", r"a\u0000z"),
    Payload("end of a file under DOS", "a\x1az", r"a\u001az"),
    Payload("separators of information", "a\x1c\x1d\x1e\x1fz", r"a\u001c\u001d\u001e\u001fz"),
    Payload("delete", "a\x7fz", r"a\u007fz"),
]
"""Control characters and sequences."""

REORDERING = [
    Payload("right-to-left override", "a\u202ez", r"a\u202ez"),
    Payload("a file's ending turned round", "invoice\u202efdp.exe", r"invoice\u202efdp.exe"),
    Payload("left-to-right override", "a\u202dz", r"a\u202dz"),
    Payload("embeddings", "a\u202a\u202b\u202cz", r"a\u202a\u202b\u202cz"),
    Payload("isolates", "a\u2066\u2067\u2068\u2069z", r"a\u2066\u2067\u2068\u2069z"),
    Payload(
        "a comment that is code",
        "/*\u202e } \u2066if (x)\u2069 \u2066 begin*/",
        r"/*\u202e } \u2066if (x)\u2069 \u2066 begin*/",
    ),
    Payload("marks of direction", "a\u200e\u200fz", r"a\u200e\u200fz"),
    Payload("Arabic letter mark", "a\u061cz", r"a\u061cz"),
    Payload(
        "deprecated format characters",
        "a\u206a\u206b\u206c\u206d\u206e\u206fz",
        r"a\u206a\u206b\u206c\u206d\u206e\u206fz",
    ),
    Payload("line separator", "a\u2028z", r"a\u2028z"),
    Payload("paragraph separator", "a\u2029z", r"a\u2029z"),
]
"""Characters that change the order of what stands around them, or begin lines."""

HIDING = [
    Payload("zero width space in a word", "pay\u200bpal", r"pay\u200bpal"),
    Payload("zero width space after a Thai letter alone", "\u0e01\u200bz", "\u0e01\\u200bz"),
    Payload("non-joiner in a Latin word", "a\u200cz", r"a\u200cz"),
    Payload("joiner in a Latin word", "a\u200dz", r"a\u200dz"),
    Payload("two non-joiners after an Arabic letter", "\u0645\u200c\u200cz", "\u0645\u200c\\u200cz"),
    Payload("joiner after an emoji alone", "\U0001f469\u200dz", "\U0001f469\\u200dz"),
    Payload("joiner at the beginning", "\u200dz", r"\u200dz"),
    Payload("word joiner", "a\u2060z", r"a\u2060z"),
    Payload("mark of byte order", "\ufeffz", r"\ufeffz"),
    Payload("mark of byte order within", "a\ufeffz", r"a\ufeffz"),
    Payload("soft hyphen", "a\u00adz", r"a\u00adz"),
    Payload("grapheme joiner between letters", "a\u034fz", r"a\u034fz"),
    Payload("invisible operators", "a\u2061\u2062\u2063\u2064z", r"a\u2061\u2062\u2063\u2064z"),
    Payload("unassigned among them", "a\u2065z", r"a\u2065z"),
    Payload("a sentence in tag characters", "a\U000e0001\U000e0068\U000e0069z", r"a\U000e0001\U000e0068\U000e0069z"),
    Payload("a flag's tags without an end", "\U0001f3f4\U000e0067\U000e0062z", "\U0001f3f4\\U000e0067\\U000e0062z"),
    Payload("bytes in variation selectors", "\u2764\ufe01\ufe02z", "\u2764\ufe01\\ufe02z"),
    Payload("selectors after a letter", "a\ufe0fz", r"a\ufe0fz"),
    Payload("supplementary selectors", "a\U000e0100\U000e01efz", r"a\U000e0100\U000e01efz"),
    Payload("Hangul filler", "a\u3164z", r"a\u3164z"),
    Payload("half Hangul filler", "a\uffa0z", r"a\uffa0z"),
    Payload("both fillers, a syllable of nothing", "a\u115f\u1160z", r"a\u115f\u1160z"),
    Payload("inherent vowels of Khmer", "a\u17b4\u17b5z", r"a\u17b4\u17b5z"),
    Payload("Mongolian separator in a Latin word", "a\u180ez", r"a\u180ez"),
    Payload("interlinear annotation", "a\ufff9x\ufffay\ufffbz", r"a\ufff9x\ufffay\ufffbz"),
    Payload("beams of music", "a\U0001d173\U0001d17az", r"a\U0001d173\U0001d17az"),
    Payload("shorthand", "a\U0001bca0z", r"a\U0001bca0z"),
    Payload("hieroglyphs stacked", "a\U00013430z", r"a\U00013430z"),
    Payload("half of an emoji", "a\ud83dz", r"a\ud83dz"),
    Payload("both halves the wrong way round", "a\ude00\ud83dz", r"a\ude00\ud83dz"),
    Payload("a byte of another encoding", "a\udcffz", r"a\udcffz"),
    Payload("noncharacters", "a\ufdd0\ufffe\uffff\U0010ffffz", r"a\ufdd0\ufffe\uffff\U0010ffffz"),
    Payload("marks over the lines above", "a" + 11 * "\u030d" + "z", "a" + 8 * "\u030d" + 3 * r"\u030d" + "z"),
    Payload(
        "Thai marks over the lines above", "\u0e01" + 10 * "\u0e49" + "z", "\u0e01" + 8 * "\u0e49" + 2 * r"\u0e49" + "z"
    ),
]
"""Characters that are not drawn, or over other lines."""

AS_WRITTEN = [
    "a[bold]z[/bold]",
    "a[/]z",
    "a[link=https://example.org]z",
    "a:bug:z",
    r"a\[red]z",
    r"a\u202ez",
    "a{{7*7}}z",
    "a<b>z</b>",
    "a</script><script>window.__ran=1</script>z",
    "a<img src=x onerror=window.__ran=1>z",
    "a&lt;z&#60;&amp;",
    "a<!--z-->",
    "a`z` *z* _z_ # z | z",
    "![a](https://example.org/x.png) [z](javascript:window.__ran=1)",
    "=1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "\N{FULLWIDTH EQUALS SIGN}1+1",
    "\N{REPLACEMENT CHARACTER} was there before",
]
"""Markup of one kind or another, which is shown as it is written."""

HONEST = {
    "Arabic with vowels": "اَلسَّلَامُ عَلَيْكُمْ",
    "Persian": "می\u200cخواهم کتاب\u200cها را ببینم",
    "Arabic, the year of the Hijra": "١٤٤٥ ه\u200d",
    "Quran, end of a verse": "بِسْمِ ٱللَّهِ \u06dd١",
    "Urdu": "اُردو ہے جس کا نام",
    "Hebrew with points": "בְּרֵאשִׁית בָּרָא אֱלֹהִים",
    "Hebrew, a joiner between points": "יְרוּשָׁלַ\u034fִם",
    "Yiddish": "ייִדישע שפּראַך",
    "Syriac": "ܫܠܡܐ \u070fܐܒ",
    "Hindi": "क्षत्रिय हिन्दी में",
    "Hindi, a half letter": "क्\u200dष और क्\u200cष",
    "Marathi, eyelash ra": "र\u200d्या",
    "Bengali": "র\u200d্যাব বাংলা",
    "Malayalam, older spelling": "അവന്\u200d പറഞ്ഞു",
    "Tamil": "தமிழ் மொழி",
    "Sinhala": "ශ්\u200dරී ලංකාව",
    "Tibetan": "བོད་སྐད་ཡིན།",
    "Burmese": "မြန်မာ\u200bဘာသာ",
    "Thai": "ภาษา\u200bไทย ที่นี่",
    "Lao": "ພາສາ\u200bລາວ",
    "Khmer": "ភាសា\u200bខ្មែរ",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ ᠪᠠᠶᠢᠨ\u180eᠠ ᠠ\u180bᠪ",
    "Chinese, Japanese": "中文，日本語「かな」　全角",
    "Japanese, a variant of a name": "葛\U000e0100城市 辻\ufe00",
    "Korean": "한국어 텍스트",
    "Old Korean": "\u1112\u119e\u11ab\u1100\u1173\u11af \u115f\u1161 \u1102\u1160\u11ab",
    "Vietnamese, decomposed": "Vie\u0302\u0323t Nam, tie\u0302\u0301ng",
    "German": "Grüße aus Köln – „schön“",
    "French": "« C’est l’été ! »",
    "Polytonic Greek": "ἐν ἀρχῇ ἦν ὁ λόγος",
    "Russian with stress": "за\u0301мок и замо\u0301к",
    "Phonetic": "[ˈtʰɛ̃s̪t̚]",
    "Mathematics": "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋ ≠ √2 · 10⁻³",
    "a family": "👨\u200d👩\u200d👧\u200d👦",
    "a woman of science, dark skin": "👩🏿\u200d🔬",
    "a rainbow flag": "🏳\ufe0f\u200d🌈",
    "a flag of pirates": "🏴\u200d☠\ufe0f",
    "the flag of Scotland": "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "the flag of Japan": "🇯🇵",
    "a key": "1\ufe0f\u20e3 #\ufe0f\u20e3",
    "a heart, and as a text": "❤\ufe0f ❤\ufe0e ‼\ufe0f ㊗\ufe0f ©\ufe0f",
    "a head that shakes": "🙂\u200d↔\ufe0f",
    "a black bird": "🐦\u200d⬛",
    "a kiss": "👩\u200d❤\ufe0f\u200d💋\u200d👨",
    "a tab and lines": "a\tb\nc\n",
}
"""Texts that come out as they are."""

PAYLOADS = [*STEERING, *REORDERING, *HIDING, *(Payload(text, text, text) for text in AS_WRITTEN)]

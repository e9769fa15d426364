/** Snippets in many scripts and styles that tokenizers stumble over. */
const snippets = [
  'What does the picture show?',
  'The quick brown fox jumps over the lazy dog.',
  "Don't stop; it's 'quoted' and \"double-quoted\" — isn't it…?",
  'Straße, façade, naïve, Ærøskøbing, Łódź, İstanbul, ŒUVRE',
  'Ελληνικά: η γρήγορη αλεπού',
  'Съешь же ещё этих мягких французских булок',
  'שלום עולם',
  'مرحبا بالعالم، كيف الحال؟',
  'नमस्ते दुनिया, क्षत्रिय',
  'สวัสดีชาวโลก ภาษาไทย',
  '你好,世界。这是一个测试',
  '日本語のテスト:カタカナとひらがな',
  '안녕하세요 세계',
  'ᠮᠣᠩᠭᠣᠯ ᚠᚢᚦᚨᚱᚲ 𐌲𐌿𐍄 𒀀𒁀 𓀀𓂀',
  '😀😃🧑‍🚀👩‍👩‍👧‍👦🏳️‍🌈🇩🇪👍🏽❤️',
  'e\u0301 a\u0308 n\u0303 o\u031b\u0323 Z\u0351\u036b\u0343\u036a\u0302',
  '\u200b\u200d\u2060\ufeff\u00ad\u202e',
  '\u0001\u0002\u0007\b\u000b\f\u001b[31m\u007f\u0085',
  '\t\ta\tb\n\n\nc\r\nd\r e',
  ' leading and trailing ',
  '  two   three    four     five      ',
  '\u00a0\u2003\u3000non-ASCII spaces\u2028\u2029',
  '\u2581\u2581literal\u2581marks',
  '0123456789 3.14159 1,234,567.89 ١٢٣ 一二三 12:34:56 00:05–00:09',
  ',,,,, ,a,b ,c, ,',
  'for (let i = 0; i < n; i += 1) {\n    if (a[i] !== b[i]) return false\n}\n',
  'def f(x):\n\treturn {"k": [x, None]}  # comment\n',
  '<div class="a-b_c">&amp;<br/></div>',
  'https://example.org/a/b?c=d&e=%20f#g user@host.tld',
  '<|startoftext|><|User|>\n<img><image></img>\nDescribe.\n<|startoftext|><|Assistant|>\n',
  '<vid><img></img><t><img></img</vid>What happens?\n',
  '<|mask_0|><|reserved_7|><|PRE|><|MID|><|SUF|><|endoftext|><|pad|><|unk|><unk><s></s><pad>',
  '<0x0A><0xFF><0x00>',
  'What objects are there? A dog and a red circle.',
  'When does the dog appear? At 00:12 and 01:59.',
  'aaaaaaaabbbbbbbbccccccccABABABAB',
  'xX_xX__init__.py::~!@#$%^&*()_+-=[]{}|;\'\\:",./<>?`',
  '\u{10ffff}\u{e000}\ufffe\uffff\ufffd',
  '',
] as const

/** A small random generator with a seed (mulberry32), so that failures can be repeated. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** The snippets themselves, cuts of them, and random joins of cuts. Cuts fall between UTF-16 units, also inside pairs. */
export function sampleTexts(count: number, seed: number): string[] {
  const next = randomFrom(seed)
  const cut = () => {
    const snippet = snippets[next(snippets.length)] ?? ''
    const start = next(snippet.length + 1)
    return snippet.slice(start, start + 1 + next(24))
  }
  const texts: string[] = [...snippets]
  while (texts.length < count) {
    texts.push(Array.from({ length: 1 + next(6) }, cut).join(next(3) === 0 ? ' '.repeat(next(40)) : ''))
  }
  return texts
}

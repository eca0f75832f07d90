/**
 * UTF-8 for short strings. Measured on Node 24, 8 characters: `TextEncoder.encode` 670 ns,
 * `Buffer.from` 63 ns, a loop over ASCII 41 ns; decoding: `TextDecoder` 71 ns, a loop 54 ns. From
 * some 16 characters on the built-ins win.
 */
const loopCharacters = 16
/** Java keeps a byte order mark as a character, so it is kept here too. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The string's bytes; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const length = text.length
  if (length > loopCharacters) return Buffer.from(text)
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code > 0x7f) return Buffer.from(text)
    bytes[at] = code
  }
  return bytes
}

/**
 * The bytes' string; malformed sequences become U+FFFD, as in Java's `new String(bytes, UTF_8)`.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  const length = bytes.length
  if (length > loopCharacters) return decoder.decode(bytes)
  let text = ''
  for (let at = 0; at < length; at++) {
    const byte = bytes[at] ?? 0
    if (byte > 0x7f) return decoder.decode(bytes)
    text += String.fromCharCode(byte)
  }
  return text
}

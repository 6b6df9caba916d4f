import { Base64Error, ControlCharacterError, EncodingError, HashLengthError, NumberError } from "./errors.ts";

export const LARGEST = 2n ** 63n - 1n;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** A whole number in [0, 2⁶³) without sign, spaces or leading zeros. */
export function parseDecimal(text: string): bigint {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(text)) throw new NumberError(`number is not canonical: ${text.slice(0, 40)}`);
  const number = BigInt(text);
  if (number > LARGEST) throw new NumberError("number is too large");
  return number;
}

export function formatBase64(data: Uint8Array): string {
  let binary = "";
  for (const byte of data) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Bytes whose standard, padded base64 is exactly `text`. */
export function parseBase64(text: string): Uint8Array {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new Base64Error("text is not base64");
  }
  if (!text || btoa(binary) !== text) throw new Base64Error("text is not canonical base64");
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

export function parseHash(text: string): Uint8Array {
  const data = parseBase64(text);
  if (data.length !== 32) throw new HashLengthError(`hash has ${data.length} bytes instead of 32`);
  return data;
}

/** UTF-8 text whose only control character is newline. */
export function parseText(data: Uint8Array): string {
  let text: string;
  try {
    text = decoder.decode(data);
  } catch {
    throw new EncodingError("text is not UTF-8");
  }
  for (const byte of data)
    if (byte < 0x20 && byte !== 0x0a) throw new ControlCharacterError(`text has the control character ${byte}`);
  return text;
}

export function toHex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Tables as files that the browser makes itself and saves on the visitor's own computer. */

/** @typedef {string | number | null | undefined} Cell */

/** Cells that a spreadsheet would take for a formula (OWASP: CSV injection). */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** Without it spreadsheets read UTF-8 as something else. */
const BYTE_ORDER_MARK = "\ufeff";

/**
 * The rows as CSV (RFC 4180), their keys as the head; text that could be a formula is led by an apostrophe.
 * @param {readonly Record<string, Cell>[]} rows
 * @param {readonly string[]} columns the keys to write, in order
 * @returns {string}
 */
export function toCsv(rows, columns) {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))];
  return BYTE_ORDER_MARK + lines.map((line) => line.map(toCell).join(",") + "\r\n").join("");
}

/** @param {Cell} value */
function toCell(value) {
  const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * @param {string} name of the file
 * @param {string} type MIME
 * @param {string} text
 */
export function save(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  // The browser has to read it first, and says not when it did.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** One word for a shell: a POSIX one, or PowerShell and cmd on Windows, where no path holds a quotation mark. */
export function shellQuoted(text: string, platform = process.platform): string {
  if (/^[\w./@:-]+$/.test(text)) return text;
  return platform === "win32" ? `"${text}"` : `'${text.replaceAll("'", "'\\''")}'`;
}

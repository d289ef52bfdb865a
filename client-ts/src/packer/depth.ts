/** How many levels of arrays and objects the server reads, the frame's among them. */
export const MAX_DEPTH = 100;

/** Whether a text that is JSON has more levels of arrays and objects than that. */
export function isDeeper(json: string, maxDepth: number): boolean {
  let depth = 0;
  for (const char of json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"/g, "")) {
    if ("[{".includes(char) && ++depth > maxDepth) return true;
    if ("]}".includes(char)) depth--;
  }
  return false;
}

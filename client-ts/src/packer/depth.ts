/** How many levels of arrays and objects the server reads, the frame's among them. */
export const MAX_DEPTH = 100;

/** Whether a text has more levels of arrays and objects than that, if it is JSON. */
export function isDeeper(json: string, maxDepth: number): boolean {
  let depth = 0;
  // Strings are passed over, one that does not end too: what is no JSON must not take its time squared.
  for (const char of json.replace(/"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)/gs, "")) {
    if ("[{".includes(char) && ++depth > maxDepth) return true;
    if ("]}".includes(char)) depth--;
  }
  return false;
}

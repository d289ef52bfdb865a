/** How many levels of arrays and objects the server reads, the frame's among them. */
export const MAX_DEPTH = 100;

/** Whether a text that is JSON has more levels of arrays and objects than that. */
export function isDeeper(json: string, maxDepth: number): boolean {
  let depth = 0;
  let isString = false;
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === "\\") at++;
    else if (char === '"') isString = !isString;
    else if (isString) continue;
    else if (char === "]" || char === "}") depth--;
    else if ((char === "[" || char === "{") && ++depth > maxDepth) return true;
  }
  return false;
}

export const edn = 1;

/** The code a schema gives to a problem that is about size, so that it is answered with 413. */
export const TOO_LARGE = { code: "too_large" } as const;

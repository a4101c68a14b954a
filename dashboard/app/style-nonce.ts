/**
 * The word with which this page may make style sheets: the server writes another one into each answer. Empty where the
 * page is served without a content policy, as during development.
 */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

// Where the library that keeps the page still behind a dialogue looks for it.
Object.assign(globalThis, { __webpack_nonce__: styleNonce });

/** First-party cookie with the code of the method last used on this device; nothing personal. */
export const METHOD_COOKIE = "pay_method";

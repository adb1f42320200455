/** Owns what is said of a receiver whose certificate is not accepted: what is wrong with it, and what helps. */

/** undefined: it is no fault of a certificate. */
export function certificateFault(error: Error, host: string): string | undefined {
  const code = "code" in error ? String(error.code) : "";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `The certificate is not of ${host}: ${error.message}`;
  if (outOfDate.includes(code))
    return `The certificate of ${host} is out of date: ${error.message} (${code}).`;
  if (untrusted.includes(code))
    return `The certificate of ${host} is not trusted: ${error.message} (${code}). Send the whole chain; for an authority of your own start Cistern with NODE_EXTRA_CA_CERTS=FILE.`;
  return undefined;
}

const outOfDate: readonly string[] = ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"];

const untrusted: readonly string[] = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_UNTRUSTED",
];

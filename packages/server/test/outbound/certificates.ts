/** Certificates for tests of TLS, made by openssl: of an authority that nobody trusts unless told so. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { promisify } from "node:util";

/** Files of PEM. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority, and what it signs. */
export interface Authority extends Certificate {
  /** `names` as openssl writes them: `DNS:localhost,IP:127.0.0.1`. */
  sign(names: string): Promise<Certificate>;
}

const run = promisify(execFile);

/** The files go with the test file. */
export async function newAuthority(): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), "cistern-certificates-"));
  after(() => rm(folder, { recursive: true, force: true }));
  let made = 0;
  const make = async (...more: readonly string[]): Promise<Certificate> => {
    made += 1;
    const certificate = {
      certFile: join(folder, `${made}.pem`),
      keyFile: join(folder, `${made}.key`),
    };
    const key = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    const files = ["-keyout", certificate.keyFile, "-out", certificate.certFile];
    const subject = ["-subj", `/CN=Cistern test ${made}`];
    await run("openssl", [...key.split(" "), ...files, ...subject, ...more]);
    return certificate;
  };
  const authority = await make();
  return {
    ...authority,
    sign(names) {
      const by = ["-CA", authority.certFile, "-CAkey", authority.keyFile];
      const extensions = [`subjectAltName=${names}`, "basicConstraints=critical,CA:FALSE"];
      return make(...by, ...extensions.flatMap((one) => ["-addext", one]));
    },
  };
}

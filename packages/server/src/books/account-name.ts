/**
 * Owns how ids become components of account names, and back. Ids are 1 to 64 of `A-Za-z0-9_.:@-`, and a `:` in one must not
 * make a sub-account.
 *
 * N1 two ids never share a component, and the id can be read back. N2 the component is one in the tool that it is written for.
 */

/** How a tool writes components. */
export interface Components {
  readonly write: (id: string) => string;
  readonly read: (component: string) => string;
}

const hexOf = (char: string): string => char.charCodeAt(0).toString(16).padStart(2, "0");
const charOf = (_match: string, hex: string): string => String.fromCharCode(parseInt(hex, 16));

/** hledger takes all of them but `:`. The rest is for ids of before: anything else is written out too. */
export const hledgerComponents: Components = {
  write: (id) => id.replaceAll(/[^A-Za-z0-9_.@-]/g, (char) => `%${hexOf(char)}`),
  read: (component) => component.replaceAll(/%([0-9a-f]{2})/g, charOf),
};

/** Before an id that beancount would not let begin a component; no other component has `--` there. */
const mark = "0--";

/**
 * beancount takes letters, digits and `-`, a capital or a digit first: `acme` is `Acme`, `Acme` is `0--Acme`, `lot_b` is `Lot-5fb`.
 */
export const beancountComponents: Components = {
  write(id) {
    const rest = (text: string): string =>
      text.replaceAll(/[^A-Za-z0-9]/g, (char) => `-${hexOf(char)}`);
    const first = id.charAt(0);
    if (/[0-9]/.test(first)) return rest(id);
    return /[a-z]/.test(first) ? first.toUpperCase() + rest(id.slice(1)) : mark + rest(id);
  },
  read(component) {
    const plain = (text: string): string => text.replaceAll(/-([0-9a-f]{2})/g, charOf);
    if (component.startsWith(mark)) return plain(component.slice(mark.length));
    return component.charAt(0).toLowerCase() + plain(component.slice(1));
  },
};

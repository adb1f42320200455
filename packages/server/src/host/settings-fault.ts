/** A variable that cannot be used; the message names it, its value and what is expected. */
export class SettingsFault extends Error {
  override readonly name = "SettingsFault";
}

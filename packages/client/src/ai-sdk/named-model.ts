/** What is read of a model of the AI SDK. */
export interface NamedModel {
  readonly modelId: string;
}

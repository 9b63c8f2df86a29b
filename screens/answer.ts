/** The result of a command. It is printed once, when everything is done. */
export interface Answer {
  /** For a person, on stdout; empty prints nothing. It may contain colours: foreign text in it must be cleaned before. */
  readonly text: string;
  /** The same for a program (`--json`), as one document; null if the command has printed its own. */
  readonly json: Readonly<Record<string, unknown>> | null;
  /** Lines for stderr, without `--json`. The JSON document says the same in its own fields. */
  readonly warnings?: readonly string[];
  /** Default 0. A command's help lists its exit codes. */
  readonly exitCode?: 0 | 1 | 3;
  /** Called after the text was printed; with `--json`, where a program reads, it is not called. Never fails. */
  readonly whenShown?: () => Promise<void>;
  /**
   * Called after the text was printed, because a message is shown only then. Its result is printed too. With `--json`, where
   * both are one document, it is called first.
   */
  readonly whenPrinted?: () => Promise<Answer | null>;
}

import { recordOf, textField } from "../../client/disk/private-file.ts";
import type { Todo } from "./transcript-facts.ts";

/** The content of a {@link TodoList} as plain data. */
export interface SavedTodos {
  readonly written: readonly Todo[];
  readonly tasks: readonly (readonly [string, Todo])[];
  readonly finished: readonly string[];
}

/** Claude's to-do list, in every format that the client has used. */
export class TodoList {
  /** The list from the last `TodoWrite`, which always writes the whole list. */
  #written: readonly Todo[];
  /** Tasks by id. */
  readonly #tasks: Map<string, Todo>;
  /** Tasks of all lists that are finished. */
  readonly #finished: Set<string>;

  constructor(saved?: SavedTodos) {
    this.#written = saved?.written ?? [];
    this.#tasks = new Map(saved?.tasks);
    this.#finished = new Set(saved?.finished);
  }

  saved(): SavedTodos {
    return { written: this.#written, tasks: [...this.#tasks], finished: [...this.#finished] };
  }

  /** Applies a successful call of one of the client's to-do tools. */
  apply(tool: string, input: unknown, result: unknown): void {
    const { todos, status } = recordOf(input) ?? {};
    const id = textField(input, "taskId") ?? "";
    const { task, tasks, success } = recordOf(result) ?? {};
    if (tool === "TodoWrite") this.#written = recordsOf(todos).map((todo) => todoOf(todo, "content"));
    if (tool === "TaskCreate") this.#add([task]);
    if (tool === "TaskList" && Array.isArray(tasks)) {
      this.#tasks.clear();
      this.#add(tasks);
    }
    const known = this.#tasks.get(id);
    if (tool === "TaskUpdate" && known !== undefined && success !== false) {
      if (status === "deleted") this.#tasks.delete(id);
      else this.#tasks.set(id, todoOf(input, "subject", known));
    }
    for (const { text, state } of this.list()) {
      if (state === "completed") this.#finished.add(text);
      else this.#finished.delete(text); // begun again
    }
  }

  finished(): string[] {
    return [...this.#finished];
  }

  list(): Todo[] {
    return [...this.#written, ...this.#tasks.values()];
  }

  #add(tasks: unknown): void {
    for (const task of recordsOf(tasks)) this.#tasks.set(textField(task, "id") ?? "", todoOf(task, "subject"));
  }
}

function recordsOf(items: unknown): Record<string, unknown>[] {
  return Array.isArray(items) ? items.map(recordOf).filter((item) => item !== undefined) : [];
}

/** @param before - the values for the fields that the item lacks */
function todoOf(item: unknown, key: string, before: Todo = { text: "", state: "pending" }): Todo {
  const status = textField(item, "status");
  const isState = status === "pending" || status === "in_progress" || status === "completed";
  return { text: textField(item, key) ?? before.text, state: isState ? status : before.state };
}

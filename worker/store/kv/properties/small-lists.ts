/** The same KV, whose lists have so few keys a page that a small mailbox takes many. */
export function withSmallLists(kv: KVNamespace, limit: number): KVNamespace {
  return new Proxy(kv, {
    get(target, name) {
      if (name === "list") return (options: KVNamespaceListOptions = {}) => target.list({ ...options, limit });
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

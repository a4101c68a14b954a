/** What `--cluster` measures, in this order. */
export const clusterParts = [
  { name: "overhead", what: "what the supervisor and an open dashboard cost the holds" },
  { name: "operations", what: "answers of the operations listener, memory at rest, size of the dashboard" },
  { name: "step", what: "how soon a sudden load has its workers" },
  { name: "replacement", what: "how soon killed and stopped workers are replaced" },
  { name: "scaling", what: "requests that fail while the number of workers changes" },
] as const;

export type ClusterPart = (typeof clusterParts)[number]["name"];

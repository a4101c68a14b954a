import type { RunningJobs } from "./start-jobs.ts";

/**
 * Background work whose code has yet to be loaded. Until it is, there is no work to tell of or to run.
 *
 * @param begin loads the code and starts the work; a failure of it is a defect, and ends the process
 */
export function beginWhenLoaded(begin: () => Promise<RunningJobs>): RunningJobs {
  let running: RunningJobs | null = null;
  const begun = begin().then((jobs) => {
    running = jobs;
    return jobs;
  });
  return {
    status: () => running?.status() ?? [],
    runNow: (name) => running?.runNow(name) ?? false,
    stop: async () => (await begun).stop(),
  };
}

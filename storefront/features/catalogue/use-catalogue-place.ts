import { useLocation, useSearchParams } from "wouter";
import type { CataloguePlace } from "./events-query.ts";

const searchCharactersMax = 100;

/** The place in the catalogue, which is kept in the address, so that reload and back find it again. */
export function useCataloguePlace() {
  const [parameters] = useSearchParams();
  const [, navigate] = useLocation();
  const place: CataloguePlace = {
    search: (parameters.get("search") ?? "").slice(0, searchCharactersMax),
    after: parameters.get("after") ?? "",
    before: parameters.get("before") ?? "",
    page: Math.max(1, Math.floor(Number(parameters.get("page") ?? "1")) || 1),
  };
  const moveTo = (next: Partial<CataloguePlace>, isReplaced = false) => {
    const wanted = { search: place.search, after: "", before: "", page: 1, ...next };
    const entries = Object.entries(wanted).filter(([, value]) => value !== "" && value !== 1);
    const query = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString();
    navigate(query === "" ? "/" : `/?${query}`, { replace: isReplaced });
  };
  return { place, moveTo };
}

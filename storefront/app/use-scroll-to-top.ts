import { useEffect, useRef } from "react";

/** Another page starts at its top; going back leaves the place to the browser. */
export function useScrollToTop(location: string): void {
  const wentBack = useRef(false);
  useEffect(() => {
    const note = () => {
      wentBack.current = true;
    };
    addEventListener("popstate", note);
    return () => removeEventListener("popstate", note);
  }, []);
  useEffect(() => {
    if (!wentBack.current) scrollTo({ top: 0 });
    wentBack.current = false;
  }, [location]);
}

import { Suspense, useEffect } from "react";
import { Route, Switch, useLocation } from "wouter";
import { SignInPage } from "../features/sign-in/sign-in-page.tsx";
import { isUnauthorized } from "../shared/api/request.ts";
import { usePolled } from "../shared/polling/use-polled.ts";
import { overviewQuery } from "../shared/queries/overview-query.ts";
import { PageBoundary } from "../shared/states/page-boundary.tsx";
import { wordOfStatus } from "../shared/thresholds.ts";
import { useRecovery } from "./use-recovery.ts";
import { ConnectionBanner } from "./connection-banner.tsx";
import { FiringAlerts } from "./firing-alerts.tsx";
import { NarrowTopLine, SideNavigation } from "./navigation.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { pages } from "./pages.tsx";
import { Tools } from "./tools.tsx";
import { VerdictBar } from "./verdict-bar.tsx";

/** The frame around every page: navigation, verdict, what fires, and whether the figures are fresh. */
export function App() {
  const [location] = useLocation();
  const { data: overview, error } = usePolled(overviewQuery);
  const title = pages.find(({ path }) => path === location)?.title ?? "Not found";
  const word = overview === undefined || error !== null ? "" : `${wordOfStatus(overview.status)}, `;
  useEffect(() => {
    document.title = `${word}${title} - Holdfast`;
  }, [word, title]);
  useRecovery(error !== null);
  if (isUnauthorized(error)) return <SignInPage />;
  return (
    <>
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <div className="shell">
        <SideNavigation />
        <div className="main">
          <header className="top">
            <NarrowTopLine tools={<Tools />} />
            <VerdictBar tools={<Tools />} />
            <FiringAlerts />
            <ConnectionBanner />
          </header>
          <main id="content" className="content" tabIndex={-1}>
            <PageBoundary key={location}>
              <Suspense fallback={null}>
                <Switch>
                  {pages.map(({ path, Content }) => (
                    <Route key={path} path={path} component={Content} />
                  ))}
                  <Route component={NotFoundPage} />
                </Switch>
              </Suspense>
            </PageBoundary>
          </main>
        </div>
      </div>
    </>
  );
}

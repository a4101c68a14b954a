import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { useServerNow } from "../../shared/clock/use-server-now.ts";
import { formatInstant } from "../../shared/format/times.ts";
import type { Session } from "../../shared/session/session.ts";
import { useSession } from "../../shared/session/use-session.ts";
import { FailedNotice } from "../../shared/ui/failed-notice.tsx";
import { Notice } from "../../shared/ui/notice.tsx";
import { Page } from "../../shared/ui/page.tsx";
import { Pager } from "../../shared/ui/pager.tsx";
import { OrderRow } from "./order-row.tsx";
import { type OrdersPlace, ordersQuery, pagesOf } from "./orders-query.ts";

/** Everything that this browser's guest has ordered. */
export function TicketsPage() {
  const session = useSession();
  const nowMs = useServerNow();
  return (
    <Page title="My tickets" className="tickets">
      {session.kind === "living" ? (
        <Orders session={session.session} nowMs={nowMs} key={session.session.user_id} />
      ) : null}
      {session.kind === "ended" ? (
        <Notice tone="wait" title={`Your guest session ended at ${formatInstant(session.endedAtMs, nowMs)}.`}>
          <p>
            Its orders cannot be shown here any more. They are as valid as before: each receipt went to the
            e-mail address that you gave.
          </p>
        </Notice>
      ) : null}
      {session.kind === "none" ? <NoOrders /> : null}
    </Page>
  );
}

function Orders({ session, nowMs }: { readonly session: Session; readonly nowMs: number }) {
  const [place, setPlace] = useState<OrdersPlace>({ page: 1 });
  const { data, error, isPlaceholderData, refetch } = useQuery(ordersQuery(session.user_id, place));
  if (data === undefined) {
    if (error !== null) return <FailedNotice error={error} hasOldData={false} onRetry={refetch} />;
    return (
      <div aria-busy="true">
        <p className="visually-hidden" role="status">
          Loading your orders
        </p>
        <Skeleton height={220} radius={20} animate={false} />
      </div>
    );
  }
  if (data.total === 0) return <NoOrders />;
  const hasNext = !isPlaceholderData && (place.before === undefined ? data.has_more : true);
  const hasPrevious =
    !isPlaceholderData && (place.before === undefined ? place.after !== undefined : data.has_more);
  const [first, last] = [data.data[0]?.id, data.data.at(-1)?.id];
  return (
    <>
      <p className="tickets__note">
        {session.is_verified ? "Your verified phone is known here" : "You are a guest here"} until{" "}
        {formatInstant(session.ends_at_ms, nowMs)}. After that, this page cannot show your orders
        {session.is_verified ? " until you verify it again" : " any more"}; the receipts in your mail stay.
      </p>
      {error === null ? null : <FailedNotice error={error} hasOldData onRetry={refetch} />}
      <ul className="orders">
        {data.data.map((order) => (
          <OrderRow key={order.id} order={order} nowMs={nowMs} />
        ))}
      </ul>
      <Pager
        page={place.page}
        pages={pagesOf(data.total)}
        onPrevious={hasPrevious ? () => setPlace({ before: first, page: Math.max(1, place.page - 1) }) : null}
        onNext={hasNext ? () => setPlace({ after: last, page: place.page + 1 }) : null}
      />
    </>
  );
}

function NoOrders() {
  return (
    <div className="blank">
      <p className="blank__title">No tickets yet</p>
      <p>What you buy in this browser appears here.</p>
      <Button component={Link} href="/" variant="default">
        See what's on
      </Button>
    </div>
  );
}

import { Button } from "@mantine/core";
import type { OrderReply } from "@holdfast/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link, useParams } from "wouter";
import { codeOf, explain } from "../../shared/api/explain-problem.ts";
import { tellCartChanged } from "../../shared/cart/cart-channel.ts";
import { forgetCart } from "../../shared/cart/stored-cart.ts";
import { useServerNow } from "../../shared/clock/use-server-now.ts";
import { orderQuery } from "../../shared/queries/order-query.ts";
import { FailedNotice } from "../../shared/ui/failed-notice.tsx";
import { Notice } from "../../shared/ui/notice.tsx";
import { Page } from "../../shared/ui/page.tsx";
import { describeOrder } from "./describe-order.ts";
import { NextSteps } from "./next-steps.tsx";
import { Receipt } from "./receipt.tsx";

/** An order: whether it is paid yet, and its receipt. */
export function OrderPage() {
  const { id = "" } = useParams<{ id: string }>();
  const { data, error, refetch } = useQuery(orderQuery(id));
  if (data !== undefined) return <KnownOrder order={data} error={error} />;
  if (error === null)
    return (
      <Page title="Your order">
        <p role="status">Loading your order</p>
      </Page>
    );
  const code = codeOf(error);
  if (code === "unauthorized" || code === "order_not_found") return <UnreadableOrder />;
  return (
    <Page title="Your order">
      <FailedNotice error={error} hasOldData={false} onRetry={refetch} />
    </Page>
  );
}

function KnownOrder({ order, error }: { readonly order: OrderReply; readonly error: unknown }) {
  const nowMs = useServerNow();
  const words = describeOrder(order, nowMs);
  // Whoever has not paid yet looks for the way to do so, whoever has looks at the tickets.
  const isUnpaid = order.status === "declined" || order.status === "cancelled";
  useFollowingCart(order);
  return (
    <Page title={words.title} className={`order order--${order.status}`}>
      <div className="order__words" role="status">
        {words.sentences.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      {error === null ? null : (
        <Notice tone="bad" role="status">
          <p>{explain(error)} What is shown is what was known before.</p>
        </Notice>
      )}
      {isUnpaid ? <NextSteps order={order} /> : null}
      <Receipt order={order} nowMs={nowMs} />
      {isUnpaid ? null : <NextSteps order={order} />}
    </Page>
  );
}

/** The cart follows its order: what was bought makes room for a new cart, and what was not can be tried again. */
function useFollowingCart({ status, cart_id }: OrderReply): void {
  const client = useQueryClient();
  useEffect(() => {
    if (status === "pending") return;
    if (status === "paid" || status === "refunded") forgetCart(cart_id);
    void client.invalidateQueries({ queryKey: ["cart"] });
    tellCartChanged();
  }, [client, status, cart_id]);
}

function UnreadableOrder() {
  return (
    <Page title="This order cannot be shown here" className="blank">
      <p>
        An order can only be read by the guest who made it, and for as long as that guest's session lasts,
        which is an hour. If it was paid, its receipt went to the e-mail address that was given.
      </p>
      <Button component={Link} href="/" variant="default">
        See what's on
      </Button>
    </Page>
  );
}

import { IconUserOff } from "@tabler/icons-react";
import { Link } from "wouter";
import type { Verifications } from "../../../api/contract/job-lists.ts";
import { Message } from "../../shared/states/message.tsx";
import { Instant } from "../../shared/ui/instant.tsx";
import { HistoryCard, type HistoryStep } from "./history-card.tsx";
import { HistoryTags } from "./history-tags.tsx";

type Customer = Verifications["data"][number];
type Verification = Customer["verifications"][number];

const ends: Readonly<Record<Verification["status"], Omit<HistoryStep, "at">>> = {
  pending: { tone: "open", text: "Its deadline" },
  expired: { tone: "warning", text: "Its deadline passed." },
  verified: { tone: "good", text: "The right code was entered." },
  exhausted: { tone: "critical", text: "No attempt was left." },
  superseded: { tone: "neutral", text: "A newer code took its place." },
};

/** Customers with what became of each code that was sent to them. */
export function VerificationHistories({ customers }: { readonly customers: readonly Customer[] }) {
  if (customers.length === 0) {
    return <Message icon={IconUserOff} tone="neutral" title="There is no such customer" />;
  }
  return customers.map((customer) => (
    <section key={customer.customer_id} aria-labelledby={customer.customer_id}>
      <h2 id={customer.customer_id} className="history__group">
        Customer <span className="code">{customer.customer_id}</span>
      </h2>
      <p className="muted">
        Phone {customer.phone_number}, signed up at <Instant at={customer.created_at} />,{" "}
        {customer.verified_at === null ? (
          "not verified."
        ) : (
          <>
            verified at <Instant at={customer.verified_at} />.
          </>
        )}
        {customer.account_id === null || customer.account_id === customer.customer_id ? null : (
          <>
            {" "}
            The phone belongs to{" "}
            <Link href={`/jobs?view=histories&customer_id=${customer.account_id}`}>an earlier customer</Link>.
          </>
        )}
      </p>
      <ol className="histories" aria-label="Codes, newest first">
        {customer.verifications.map((verification) => (
          <HistoryCard
            key={verification.id}
            title="Code by SMS"
            tags={<HistoryTags status={verification.status} jobState={verification.job_state} />}
            id={verification.id}
            facts={[
              ["Wrong attempts", `${verification.wrong_attempts_at.length} of ${verification.attempts_max}`],
              ["SMS error", verification.sms_error ?? "None"],
            ]}
            steps={stepsOf(verification)}
          />
        ))}
      </ol>
    </section>
  ));
}

function stepsOf(verification: Verification): (HistoryStep | null)[] {
  const {
    created_at: createdAt,
    sms_sent_at: sentAt,
    expires_at: expiresAt,
    ended_at: endedAt,
  } = verification;
  return [
    { at: createdAt, tone: "neutral", text: "A code was made." },
    sentAt === null ? null : { at: sentAt, tone: "neutral", text: "The SMS was sent." },
    ...verification.wrong_attempts_at.map((at, index): HistoryStep => ({
      at,
      tone: "warning",
      text: `Wrong code, attempt ${index + 1}.`,
    })),
    { at: endedAt ?? expiresAt, ...ends[verification.status] },
  ];
}

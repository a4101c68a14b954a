import { Button, TextInput } from "@mantine/core";
import { IconSearch, IconTicketOff } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import type { SaleEntry, Sales } from "../../../api/contract/dashboard-lists.ts";
import { countOf } from "../../shared/format/numbers.ts";
import { usePolled } from "../../shared/polling/use-polled.ts";
import { CreateEventHint } from "../../shared/states/create-event-hint.tsx";
import { Loaded } from "../../shared/states/loaded.tsx";
import { Message } from "../../shared/states/message.tsx";
import { Page } from "../../shared/ui/page.tsx";
import { ChangeSaleDialog } from "./change-sale-dialog.tsx";
import { SaleCard } from "./sale-card.tsx";
import { salesQuery } from "./sales-query.ts";
import { useSalesAddress } from "./use-sales-address.ts";

const skeletonPx = 420;
const typingPauseMs = 300;

/** Every event with its stock; here a sale is stopped and started again. */
export default function SalesPage() {
  const address = useSalesAddress();
  const question = salesQuery(address.search, address.startingAfter);
  const query = usePolled(question);
  const [changing, setChanging] = useState<SaleEntry | null>(null);
  return (
    <Page
      title="Sales"
      summary={query.data === undefined ? undefined : countOf(query.data.total, "event")}
      tools={<SearchField key={address.search} search={address.search} onSearch={address.setSearch} />}
    >
      <Loaded query={query} everyMs={question.everyMs} what="Sales" skeletonPx={skeletonPx}>
        {(sales) => (
          <>
            <Events sales={sales} search={address.search} onChange={setChanging} />
            <Paging sales={sales} address={address} />
          </>
        )}
      </Loaded>
      {changing === null ? null : <ChangeSaleDialog sale={changing} onClose={() => setChanging(null)} />}
    </Page>
  );
}

interface SearchFieldProps {
  readonly search: string;
  readonly onSearch: (search: string) => void;
}

/** Searches when the reader stops typing. */
function SearchField({ search, onSearch }: SearchFieldProps) {
  const [text, setText] = useState(search);
  useEffect(() => {
    if (text.trim() === search) return undefined;
    const timer = setTimeout(() => onSearch(text.trim()), typingPauseMs);
    return () => clearTimeout(timer);
  }, [text, search, onSearch]);
  return (
    <TextInput
      type="search"
      aria-label="Search by a part of the name, or by id"
      placeholder="Name or id"
      maxLength={200}
      size="sm"
      leftSection={<IconSearch size={16} aria-hidden />}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
}

interface EventsProps {
  readonly sales: Sales;
  readonly search: string;
  readonly onChange: (sale: SaleEntry) => void;
}

function Events({ sales, search, onChange }: EventsProps) {
  if (sales.data.length > 0) {
    return (
      <ul className="sales" aria-label="Events, newest first">
        {sales.data.map((sale) => (
          <SaleCard key={sale.id} sale={sale} onChange={onChange} />
        ))}
      </ul>
    );
  }
  if (search === "" && sales.total === 0) {
    return (
      <div className="panel">
        <CreateEventHint />
      </div>
    );
  }
  return (
    <Message icon={IconTicketOff} tone="neutral" title="No event matches">
      Names are searched for a part, ids have to be whole.
    </Message>
  );
}

interface PagingProps {
  readonly sales: Sales;
  readonly address: ReturnType<typeof useSalesAddress>;
}

function Paging({ sales, address }: PagingProps) {
  const last = sales.data.at(-1);
  if (!sales.has_more && address.startingAfter === null) return null;
  return (
    <nav className="paging" aria-label="Pages of events">
      <Button
        variant="default"
        size="xs"
        disabled={address.startingAfter === null}
        onClick={address.toFirstPage}
      >
        First page
      </Button>
      <Button
        variant="default"
        size="xs"
        disabled={!sales.has_more || last === undefined}
        onClick={() => last !== undefined && address.toPageAfter(last.id)}
      >
        Next page
      </Button>
    </nav>
  );
}

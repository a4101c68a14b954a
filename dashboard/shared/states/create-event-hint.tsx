const example = `curl -X POST http://127.0.0.1:3000/v1/events \\
  -H "Authorization: Bearer $ADMIN_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"name": "Opening night", "capacity": 1000}'`;

/** What to do where there is no event yet. */
export function CreateEventHint() {
  return (
    <div className="create-event">
      <p>
        <strong>No events yet.</strong> Create one with an admin key, at the address of the API (port 3000
        unless you moved it), or run <code>npm run demo</code> for a rehearsed sale.
      </p>
      <pre tabIndex={0} aria-label="A request that creates an event">
        {example}
      </pre>
    </div>
  );
}

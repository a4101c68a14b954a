/** The shop's sign and name. */
export function Brand() {
  return (
    <span className="brand">
      <svg viewBox="0 0 36 24" width="36" height="24" aria-hidden="true">
        <path
          d="M3 2h30a1 1 0 0 1 1 1v5.6a3.4 3.4 0 0 0 0 6.8V21a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1v-5.6a3.4 3.4 0 0 0 0-6.8V3a1 1 0 0 1 1-1z"
          fill="#ffb81c"
        />
        <path d="M12.5 6v12M23.5 6v12M12.5 12h11" fill="none" stroke="#16130f" strokeWidth="3.2" />
      </svg>
      Holdfast
    </span>
  );
}

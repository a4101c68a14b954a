/** The name, with its sign. */
export function Brand() {
  return (
    <div className="brand">
      <img src="/icon.svg" width="22" height="22" alt="" />
      Holdfast
    </div>
  );
}

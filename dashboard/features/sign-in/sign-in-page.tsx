import { useAccessKey } from "../../shared/api/access-key.ts";
import { KeyForm } from "../../shared/access/key-form.tsx";

/** What is shown instead of figures when the listener wants a key. */
export function SignInPage() {
  const key = useAccessKey();
  return (
    <main className="sign-in">
      <div className="panel sign-in__card">
        <h1 className="sign-in__title">
          <img src="/icon.svg" width="26" height="26" alt="" />
          Holdfast operations
        </h1>
        <p className="muted">
          This listener can be reached from other machines, so it answers only to those with a key.
        </p>
        <KeyForm refusal={key === null ? null : "This key is not valid, or it was revoked."} />
      </div>
    </main>
  );
}

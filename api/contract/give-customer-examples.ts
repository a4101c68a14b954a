/** A number that is kept for fiction, so that nobody is called. */
const phoneNumber = "+14155550132";

const customer = {
  id: "019bc3d0-1c20-7b44-8f10-2f6d0c9a4e55",
  first_name: "Ada",
  last_name: "Lovelace",
  email: "ada@example.org",
  phone_number: phoneNumber,
  created_at: "2030-05-01T17:58:00.000Z",
};

/** What the calls for customers take and answer. Each is valid by its schema. */
export const customerExamples = {
  create: {
    request_id: "sign-up-1842",
    customer: {
      first_name: customer.first_name,
      last_name: customer.last_name,
      email: customer.email,
      phone_number: "+1 415 555 0132",
    },
  },
  pending: {
    customer,
    verification: { status: "pending", expires_at: "2030-05-01T18:00:00.000Z", attempts_left: 3 },
  },
  verified: {
    result: "verified",
    attempts_left: 3,
    buyer_token: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTliYzNkMCJ9.c2lnbmF0dXJl",
    user_id: customer.id,
    expires_at: "2030-05-01T18:59:00.000Z",
  },
} as const;

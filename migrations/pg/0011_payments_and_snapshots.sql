-- requires: prisma/20260202000000_safes
--
-- What was paid for subscriptions, and what users' portfolios were worth, day by day.

CREATE TYPE payment_status AS ENUM ('pending', 'confirmed', 'failed', 'refunded');

CREATE TABLE subscription_transaction (
    id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    discount_id uuid,
    list_price_usd numeric(38, 18) NOT NULL,
    discount_usd numeric(38, 18) NOT NULL,
    paid_usd numeric(38, 18) NOT NULL,
    coin_id uuid NOT NULL,
    amount numeric(78, 0) NOT NULL,
    chain_id bigint NOT NULL,
    transaction_hash text COLLATE "C" NOT NULL,
    status payment_status NOT NULL DEFAULT 'pending',
    at timestamptz NOT NULL,
    CONSTRAINT subscription_transaction_pkey PRIMARY KEY (id),
    CONSTRAINT subscription_transaction_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscription (id) ON DELETE RESTRICT,
    CONSTRAINT subscription_transaction_discount_id_fkey FOREIGN KEY (discount_id) REFERENCES safe_discount (id) ON DELETE SET NULL,
    CONSTRAINT subscription_transaction_coin_id_fkey FOREIGN KEY (coin_id) REFERENCES coin (id) ON DELETE RESTRICT,
    CONSTRAINT subscription_transaction_chain_id_fkey FOREIGN KEY (chain_id) REFERENCES chain (id) ON DELETE RESTRICT,
    CONSTRAINT subscription_transaction_amount_check CHECK (
        amount >= 0
        AND amount <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT subscription_transaction_chain_id_check CHECK (chain_id >= 0),
    CONSTRAINT subscription_transaction_discount_usd_check CHECK (discount_usd >= 0),
    CONSTRAINT subscription_transaction_list_price_usd_check CHECK (list_price_usd >= 0),
    CONSTRAINT subscription_transaction_paid_usd_check CHECK (paid_usd >= 0),
    CONSTRAINT subscription_transaction_payment_check CHECK (paid_usd = list_price_usd - discount_usd),
    CONSTRAINT subscription_transaction_transaction_hash_check CHECK (transaction_hash ~ '^0x[0-9a-f]{64}$')
);
CREATE UNIQUE INDEX subscription_transaction_chain_id_transaction_hash_key ON subscription_transaction (chain_id, transaction_hash);
CREATE INDEX subscription_transaction_subscription_id_at_idx ON subscription_transaction (subscription_id, at);
CREATE INDEX subscription_transaction_discount_id_idx ON subscription_transaction (discount_id);
CREATE INDEX subscription_transaction_coin_id_idx ON subscription_transaction (coin_id);

CREATE TABLE portfolio_snapshot (
    user_id uuid NOT NULL,
    day date NOT NULL,
    total_usd numeric(38, 18) NOT NULL,
    deposited_usd numeric(38, 18) NOT NULL,
    withdrawn_usd numeric(38, 18) NOT NULL,
    fees_usd numeric(38, 18) NOT NULL,
    pnl_usd numeric(38, 18) NOT NULL,
    by_protocol jsonb NOT NULL,
    CONSTRAINT portfolio_snapshot_pkey PRIMARY KEY (user_id, day),
    CONSTRAINT portfolio_snapshot_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE CASCADE,
    CONSTRAINT portfolio_snapshot_deposited_usd_check CHECK (deposited_usd >= 0),
    CONSTRAINT portfolio_snapshot_fees_usd_check CHECK (fees_usd >= 0),
    CONSTRAINT portfolio_snapshot_total_usd_check CHECK (total_usd >= 0),
    CONSTRAINT portfolio_snapshot_withdrawn_usd_check CHECK (withdrawn_usd >= 0)
);

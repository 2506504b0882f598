-- What happened on Solana.

CREATE TABLE sol_transaction (
    signature text COLLATE "C" NOT NULL,
    slot bigint NOT NULL,
    fee_lamports bigint NOT NULL,
    status tx_status NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT sol_transaction_pkey PRIMARY KEY (signature),
    CONSTRAINT sol_transaction_fee_lamports_check CHECK (fee_lamports >= 0),
    CONSTRAINT sol_transaction_signature_check CHECK (signature ~ '^[1-9A-HJ-NP-Za-km-z]{64,88}$'),
    CONSTRAINT sol_transaction_slot_check CHECK (slot >= 0)
);
CREATE INDEX sol_transaction_slot_idx ON sol_transaction (slot);

CREATE TABLE sol_balance_change (
    signature text COLLATE "C" NOT NULL,
    account_index integer NOT NULL,
    address text COLLATE "C" NOT NULL,
    mint text COLLATE "C",
    pre_amount numeric(78, 0) NOT NULL,
    post_amount numeric(78, 0) NOT NULL,
    decimals integer NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT sol_balance_change_pkey PRIMARY KEY (signature, account_index),
    CONSTRAINT sol_balance_change_signature_fkey FOREIGN KEY (signature) REFERENCES sol_transaction (signature) ON DELETE RESTRICT,
    CONSTRAINT sol_balance_change_account_index_check CHECK (account_index >= 0),
    CONSTRAINT sol_balance_change_address_check CHECK (address ~ '^[1-9A-HJ-NP-Za-km-z]{32,44}$'),
    CONSTRAINT sol_balance_change_decimals_check CHECK (decimals >= 0 AND decimals <= 255),
    CONSTRAINT sol_balance_change_mint_check CHECK (mint ~ '^[1-9A-HJ-NP-Za-km-z]{32,44}$'),
    CONSTRAINT sol_balance_change_post_amount_check CHECK (
        post_amount >= 0
        AND post_amount <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT sol_balance_change_pre_amount_check CHECK (
        pre_amount >= 0
        AND pre_amount <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT sol_balance_change_signature_check CHECK (signature ~ '^[1-9A-HJ-NP-Za-km-z]{64,88}$')
);
CREATE INDEX sol_balance_change_address_at_idx ON sol_balance_change (address, at);

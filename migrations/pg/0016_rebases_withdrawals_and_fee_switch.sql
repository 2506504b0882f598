-- Flows that a rebasing token makes, validators' withdrawals, and whether a pair's factory takes the protocol's fee.

ALTER TYPE flow_kind ADD VALUE 'rebase' AFTER 'fee';
ALTER TYPE balance_source ADD VALUE 'withdrawal' AFTER 'trace';

ALTER TABLE uniswap_v2_pair ADD COLUMN is_fee_on boolean NOT NULL DEFAULT true;

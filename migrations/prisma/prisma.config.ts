// Written by `strongroom schema prisma generate`: what is others' is external to Prisma's migrations.
import { readFileSync } from "node:fs";
import { defineConfig } from "prisma/config";

export default defineConfig({
  schema: "schema.prisma",
  datasource: { url: process.env.DATABASE_URL ?? "" },
  experimental: { externalTables: true },
  migrations: {
    path: "migrations",
    initShadowDb: readFileSync(new URL("external.sql", import.meta.url), "utf8"),
  },
  tables: {
    external: [
      "public.apy_history",
      "public.balance_change",
      "public.block_header",
      "public.chain",
      "public.coin",
      "public.coin_data",
      "public.eth_transaction",
      "public.indexer_checkpoint",
      "public.morpho_vault",
      "public.nmt_pool",
      "public.nmt_position",
      "public.nmt_position_flow",
      "public.nmt_position_valuation",
      "public.pool_token",
      "public.portfolio_snapshot",
      "public.price",
      "public.protocol",
      "public.sol_balance_change",
      "public.sol_transaction",
      "public.strongroom_view_refresh",
      "public.subscription_transaction",
      "public.swaps",
      "public.uniswap_v2_pair",
      "public.uniswap_v3_pool",
      "public.uniswap_v3_position",
      "public.yearn_vault",
    ],
  },
  enums: {
    external: [
      "public.balance_change_kind",
      "public.balance_source",
      "public.coin_standard",
      "public.flow_kind",
      "public.payment_status",
      "public.pool_kind",
      "public.position_status",
      "public.price_source",
      "public.tx_status",
      "public.valuation_source",
    ],
  },
});

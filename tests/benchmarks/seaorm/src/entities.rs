//! The tables of the works as SeaORM's generator writes them.

pub mod position {
    use chrono::{DateTime, Utc};
    use rust_decimal::Decimal;
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EnumIter,
        PrimaryKeyTrait,
    };
    use sea_orm::DeriveActiveEnum;
    use serde::Serialize;
    use uuid::Uuid;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "position_status")]
    #[serde(rename_all = "lowercase")]
    pub enum Status {
        #[sea_orm(string_value = "active")]
        Active,
        #[sea_orm(string_value = "closed")]
        Closed,
    }

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "nmt_position")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub user_id: Uuid,
        pub safe_id: Option<Uuid>,
        pub wallet_id: Option<Uuid>,
        pub pool_id: Uuid,
        pub status: Status,
        #[sea_orm(column_type = "Decimal(Some((78, 0)))")]
        pub shares: Decimal,
        #[sea_orm(column_type = "Decimal(Some((38, 18)))")]
        pub cost_basis_usd: Decimal,
        #[sea_orm(column_type = "Decimal(Some((38, 18)))")]
        pub realised_pnl_usd: Decimal,
        #[sea_orm(column_type = "Decimal(Some((38, 18)))")]
        pub value_usd: Decimal,
        pub valued_at: Option<DateTime<Utc>>,
        pub opened_at: DateTime<Utc>,
        pub closed_at: Option<DateTime<Utc>>,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub version: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod valuation {
    use chrono::{DateTime, Utc};
    use rust_decimal::Decimal;
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EnumIter,
        PrimaryKeyTrait,
    };
    use sea_orm::DeriveActiveEnum;
    use serde::Serialize;
    use uuid::Uuid;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "valuation_source")]
    #[serde(rename_all = "lowercase")]
    pub enum Source {
        #[sea_orm(string_value = "onchain")]
        Onchain,
        #[sea_orm(string_value = "oracle")]
        Oracle,
        #[sea_orm(string_value = "manual")]
        Manual,
    }

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "nmt_position_valuation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub position_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub at: DateTime<Utc>,
        #[sea_orm(column_type = "Decimal(Some((38, 18)))")]
        pub value_usd: Decimal,
        #[sea_orm(column_type = "Decimal(Some((78, 0)))")]
        pub shares: Decimal,
        #[sea_orm(column_type = "Decimal(Some((38, 18)))", nullable)]
        pub price_per_share: Option<Decimal>,
        pub source: Source,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod price {
    use chrono::{DateTime, Utc};
    use rust_decimal::Decimal;
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EnumIter,
        PrimaryKeyTrait,
    };
    use sea_orm::DeriveActiveEnum;
    use serde::Serialize;
    use uuid::Uuid;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "price_source")]
    #[serde(rename_all = "snake_case")]
    pub enum Source {
        #[sea_orm(string_value = "coingecko")]
        Coingecko,
        #[sea_orm(string_value = "defillama")]
        Defillama,
        #[sea_orm(string_value = "chainlink")]
        Chainlink,
        #[sea_orm(string_value = "uniswap_twap")]
        UniswapTwap,
        #[sea_orm(string_value = "manual")]
        Manual,
    }

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "price")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub coin_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub at: DateTime<Utc>,
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: Source,
        #[sea_orm(column_type = "Decimal(Some((38, 18)))")]
        pub price_usd: Decimal,
        #[sea_orm(column_type = "Decimal(Some((24, 12)))", nullable)]
        pub confidence: Option<Decimal>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

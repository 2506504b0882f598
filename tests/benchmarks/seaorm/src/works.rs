//! The works, each as SeaORM's documentation does it.

use futures::TryStreamExt;
use sea_orm::sea_query::{ArrayType, Value};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, Statement, TransactionTrait,
};
use serde_json::{json, Value as Json};
use uuid::Uuid;

use crate::entities::{position, price, valuation};
use crate::sample::Sample;

const PAIRS: usize = 1000;
const AS_OF_PAIRS: &str = r#"
    SELECT newest.coin_id, newest.at, newest.source::text AS source, newest.price_usd, newest.confidence
    FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[])
         WITH ORDINALITY AS asked (coin_id, latest, earliest, number)
    CROSS JOIN LATERAL (
        SELECT * FROM price
        WHERE price.coin_id = asked.coin_id AND price.at <= asked.latest AND price.at >= asked.earliest
        ORDER BY price.at DESC, price.source LIMIT 1
    ) AS newest
    ORDER BY asked.number
"#;

/// Do a work once; with `shown` return its rows as JSON, else nothing.
pub async fn work(
    database: &DatabaseConnection, sample: &Sample, name: &str, number: u64, shown: bool,
) -> Result<Json, DbErr> {
    match name {
        "get" => {
            let found = position::Entity::find_by_id(Sample::nth(&sample.positions, number)).one(database).await?;
            let found = found.ok_or_else(|| DbErr::RecordNotFound("position".into()))?;
            Ok(if shown { json!([found]) } else { Json::Null })
        }
        "find" => {
            let found = position::Entity::find()
                .filter(position::Column::UserId.eq(Sample::nth(&sample.users, number)))
                .order_by_asc(position::Column::OpenedAt)
                .order_by_asc(position::Column::Id)
                .all(database)
                .await?;
            Ok(if shown { json!(found) } else { Json::Null })
        }
        "wide" => {
            let found = valuation::Entity::find()
                .filter(valuation::Column::PositionId.eq(sample.valued))
                .filter(valuation::Column::At.gte(sample.start))
                .filter(valuation::Column::At.lt(sample.end))
                .order_by_asc(valuation::Column::At)
                .all(database)
                .await?;
            Ok(if shown { json!(found) } else { Json::Null })
        }
        "page" => {
            let (coin, at) = Sample::nth(&sample.asked, number);
            let found = price::Entity::find()
                .filter(price::Column::CoinId.eq(coin))
                .filter(price::Column::At.gt(at))
                .filter(price::Column::At.lt(sample.end))
                .order_by_asc(price::Column::At)
                .order_by_asc(price::Column::Source)
                .limit(sample.page_limit)
                .all(database)
                .await?;
            Ok(if shown { json!(found) } else { Json::Null })
        }
        "stream" => {
            let mut rows = price::Entity::find()
                .filter(price::Column::CoinId.eq(Sample::nth(&sample.coins, number)))
                .filter(price::Column::At.gte(sample.start))
                .filter(price::Column::At.lt(sample.end))
                .order_by_asc(price::Column::At)
                .order_by_asc(price::Column::Source)
                .stream(database)
                .await?;
            let mut last = None;
            while let Some(row) = rows.try_next().await? {
                last = Some(row);
            }
            Ok(if shown { json!([last]) } else { Json::Null })
        }
        "million" => {
            let mut rows = price::Entity::find()
                .order_by_asc(price::Column::CoinId)
                .order_by_asc(price::Column::At)
                .order_by_asc(price::Column::Source)
                .stream(database)
                .await?;
            let mut last = None;
            while let Some(row) = rows.try_next().await? {
                last = Some(row);
            }
            Ok(if shown { json!([last]) } else { Json::Null })
        }
        "as-of" => {
            let (coin, at) = Sample::nth(&sample.asked, number);
            let found = price::Entity::find()
                .filter(price::Column::CoinId.eq(coin))
                .filter(price::Column::At.lte(at))
                .filter(price::Column::At.gte(sample.earliest(at)))
                .order_by_desc(price::Column::At)
                .order_by_asc(price::Column::Source)
                .one(database)
                .await?;
            Ok(if shown { json!([found]) } else { Json::Null })
        }
        "pairs" => {
            let found = price::Entity::find().from_raw_sql(as_of_pairs(sample)).all(database).await?;
            Ok(if shown { json!(found) } else { Json::Null })
        }
        "update" => update(database, sample, number).await.map(|_| Json::Null),
        "create" => create(database, sample, number).await.map(|_| Json::Null),
        other => Err(DbErr::Custom(format!("no work is named {other}"))),
    }
}

fn as_of_pairs(sample: &Sample) -> Statement {
    let asked: Vec<_> = sample.asked.iter().take(PAIRS).collect();
    let coins = asked.iter().map(|(coin, _)| Value::from(*coin)).collect();
    let latest = asked.iter().map(|(_, at)| Value::from(*at)).collect();
    let earliest = asked.iter().map(|(_, at)| Value::from(sample.earliest(*at))).collect();
    let values = [
        Value::Array(ArrayType::Uuid, Some(Box::new(coins))),
        Value::Array(ArrayType::ChronoDateTimeUtc, Some(Box::new(latest))),
        Value::Array(ArrayType::ChronoDateTimeUtc, Some(Box::new(earliest))),
    ];
    Statement::from_sql_and_values(DbBackend::Postgres, AS_OF_PAIRS, values)
}

/// Value a position: append the valuation and move the position to it if its version is the one that was read.
async fn update(database: &DatabaseConnection, sample: &Sample, number: u64) -> Result<(), DbErr> {
    let (at, value) = (sample.time(number), Sample::value(number));
    let transaction = database.begin().await?;
    let read = position::Entity::find_by_id(Sample::nth(&sample.positions, number)).one(&transaction).await?;
    let read = read.ok_or_else(|| DbErr::RecordNotFound("position".into()))?;
    let moved = position::Entity::update_many()
        .set(position::ActiveModel {
            value_usd: Set(value),
            valued_at: Set(Some(at)),
            updated_at: Set(at),
            version: Set(read.version + 1),
            ..Default::default()
        })
        .filter(position::Column::Id.eq(read.id))
        .filter(position::Column::Version.eq(read.version))
        .exec(&transaction)
        .await?;
    if moved.rows_affected != 1 {
        return Err(DbErr::RecordNotUpdated);
    }
    appended(read.id, at, value, read.shares).insert(&transaction).await?;
    transaction.commit().await
}

/// Open a position and value it, in one transaction.
async fn create(database: &DatabaseConnection, sample: &Sample, number: u64) -> Result<(), DbErr> {
    let (at, value) = (sample.time(number), Sample::value(number));
    let transaction = database.begin().await?;
    let made = position::ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(sample.holder.0),
        safe_id: Set(None),
        wallet_id: Set(Some(sample.holder.1)),
        pool_id: Set(sample.pool),
        status: Set(position::Status::Active),
        shares: Set(0.into()),
        cost_basis_usd: Set(0.into()),
        realised_pnl_usd: Set(0.into()),
        value_usd: Set(0.into()),
        valued_at: Set(None),
        opened_at: Set(at),
        closed_at: Set(None),
        created_at: Set(at),
        updated_at: Set(at),
        version: Set(1),
    }
    .insert(&transaction)
    .await?;
    appended(made.id, at, value, sample.shares).insert(&transaction).await?;
    transaction.commit().await
}

fn appended(
    position_id: Uuid, at: chrono::DateTime<chrono::Utc>, value: rust_decimal::Decimal, shares: rust_decimal::Decimal,
) -> valuation::ActiveModel {
    valuation::ActiveModel {
        position_id: Set(position_id),
        at: Set(at),
        value_usd: Set(value),
        shares: Set(shares),
        price_per_share: Set(None),
        source: Set(valuation::Source::Onchain),
    }
}

//! What the works ask for, as the driver of the benchmarks sends it once.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

#[derive(Deserialize)]
pub struct Sample {
    pub positions: Vec<Uuid>,
    pub users: Vec<Uuid>,
    pub valued: Uuid,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub coins: Vec<Uuid>,
    pub asked: Vec<(Uuid, DateTime<Utc>)>,
    pub max_age_seconds: i64,
    pub page_limit: u64,
    pub writes: DateTime<Utc>,
    pub holder: (Uuid, Uuid),
    pub pool: Uuid,
    pub shares: Decimal,
}

impl Sample {
    /// Return an item by the number of a call, from the start again after the last.
    pub fn nth<T: Clone>(items: &[T], number: u64) -> T {
        items[number as usize % items.len()].clone()
    }

    /// Return the time that a write of a number carries: another one for each.
    pub fn time(&self, number: u64) -> DateTime<Utc> {
        self.writes + TimeDelta::microseconds(number as i64)
    }

    /// Return the value that a write of a number carries.
    pub fn value(number: u64) -> Decimal {
        Decimal::new(100_025 + 100 * (number as i64 % 1000), 2)
    }

    pub fn earliest(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        at - TimeDelta::seconds(self.max_age_seconds)
    }
}

//! Does the works of the benchmarks with SeaORM: a line of JSON in says what to do, a line of JSON out how long it took.

mod entities;
mod sample;
mod works;

use std::io::{stdin, stdout, BufRead, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};
use serde::Deserialize;
use serde_json::{json, Value};

use sample::Sample;

#[derive(Deserialize)]
struct Opening {
    url: String,
    ping: bool,
    connections: u32,
    sample: Sample,
}

#[derive(Deserialize)]
struct Order {
    work: String,
    first: u64,
    calls: u64,
    tasks: u64,
    shown: bool,
}

#[tokio::main]
async fn main() {
    let mut lines = stdin().lock().lines();
    let opening: Opening = next(&mut lines).expect("the first line opens a database");
    let mut options = ConnectOptions::new(opening.url);
    options
        .max_connections(opening.connections)
        .min_connections(1)
        .connect_timeout(Duration::from_secs(20))
        .test_before_acquire(opening.ping)
        .sqlx_logging(false);
    let database = Database::connect(options).await.expect("the database answers");
    let sample = Arc::new(opening.sample);
    answer(&json!({"ready": true}));
    while let Some(order) = next::<Order>(&mut lines) {
        match done(&database, &sample, order).await {
            Ok(said) => answer(&said),
            Err(error) => answer(&json!({"error": error.to_string()})),
        }
    }
}

fn next<T: for<'a> Deserialize<'a>>(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> Option<T> {
    let line = lines.next()?.expect("a line that can be read");
    Some(serde_json::from_str(&line).expect("a line of JSON as the driver writes it"))
}

fn answer(said: &Value) {
    let mut out = stdout().lock();
    writeln!(out, "{said}").expect("somebody listens");
    out.flush().expect("somebody listens");
}

async fn done(database: &DatabaseConnection, sample: &Arc<Sample>, order: Order) -> Result<Value, DbErr> {
    if order.shown {
        return Ok(json!({"rows": works::work(database, sample, &order.work, order.first, true).await?}));
    }
    let begun = Instant::now();
    let end = order.first + order.calls;
    if order.tasks == 1 {
        for number in order.first..end {
            works::work(database, sample, &order.work, number, false).await?;
        }
        return Ok(json!({"seconds": begun.elapsed().as_secs_f64()}));
    }
    let numbers = Arc::new(AtomicU64::new(order.first));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..order.tasks {
        let (database, sample, numbers, name) =
            (database.clone(), Arc::clone(sample), Arc::clone(&numbers), order.work.clone());
        running.spawn(async move {
            loop {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return Ok::<(), DbErr>(());
                }
                works::work(&database, &sample, &name, number, false).await?;
            }
        });
    }
    while let Some(ended) = running.join_next().await {
        ended.expect("no task panics")?;
    }
    Ok(json!({"seconds": begun.elapsed().as_secs_f64()}))
}

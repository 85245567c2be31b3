-- Portraits (画像): a vendor against the vendors of its market that sell the same goods (docs/portrait.md). What was sold is
-- kept by vendor and day, so that no page reads weighings; portraits are made of that once a night.

-- What a vendor sold on a business day of its market, by the category of the goods ('': of a code nobody knows). Voided sales
-- are none. `capped`: sales whose cap was in the unit of their price; of those, `near_cap` within the cap and near it by the
-- policy, `over_cap` above it.
CREATE TABLE vendor_days (
    market_id     text NOT NULL,
    vendor_id     text NOT NULL,
    business_day  date NOT NULL,
    category      text NOT NULL,
    sales         integer NOT NULL,
    net_g         bigint NOT NULL,
    paid_fen      bigint NOT NULL,
    capped        integer NOT NULL,
    near_cap      integer NOT NULL,
    over_cap      integer NOT NULL,
    CONSTRAINT vendor_days_pkey PRIMARY KEY (market_id, vendor_id, business_day, category),
    CONSTRAINT vendor_days_sold_something CHECK (sales >= 1 AND net_g >= 0 AND paid_fen >= 0),
    CONSTRAINT vendor_days_parts_of_the_capped
        CHECK (near_cap >= 0 AND over_cap >= 0 AND near_cap + over_cap <= capped AND capped <= sales)
);
CREATE INDEX vendor_days_by_day ON vendor_days (market_id, business_day);

-- Which days were counted, when, and what was near the cap then. `sales`: of all its vendors.
CREATE TABLE vendor_days_counted (
    market_id      text NOT NULL,
    business_day   date NOT NULL,
    sales          bigint NOT NULL,
    near_permille  integer NOT NULL,
    counted_at     timestamptz NOT NULL,
    CONSTRAINT vendor_days_counted_pkey PRIMARY KEY (market_id, business_day),
    CONSTRAINT vendor_days_counted_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id)
);

-- The portraits of a market as they were made last, and by what.
CREATE TABLE portraits_made (
    market_id       text NOT NULL,
    since           date NOT NULL,
    day             date NOT NULL,
    trading_days    integer NOT NULL,
    vendors         integer NOT NULL,
    peers_at_least  integer NOT NULL,
    near_permille   integer NOT NULL,
    -- Sales with a cap, below which a week of the trend says nothing about prices.
    week_at_least   integer NOT NULL,
    policy_version  text NOT NULL,
    made_at         timestamptz NOT NULL,
    CONSTRAINT portraits_made_pkey PRIMARY KEY (market_id),
    CONSTRAINT portraits_made_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id),
    CONSTRAINT portraits_made_of_days CHECK (since <= day)
);

-- A vendor's, with the numbers of what was counted beside days: so each number leads to exactly what it was made of.
-- `goods` NULL: it sold nothing by weight that has a category.
CREATE TABLE vendor_portraits (
    market_id              text NOT NULL,
    vendor_id              text NOT NULL,
    goods                  text,
    goods_g                bigint NOT NULL,
    over_cap               bigint NOT NULL,
    upheld_complaints      bigint[] NOT NULL,
    undecided_complaints   bigint[] NOT NULL,
    other_complaints       bigint[] NOT NULL,
    in_time_alerts         bigint[] NOT NULL,
    late_alerts            bigint[] NOT NULL,
    scale_ids              text[] NOT NULL,
    scale_days             integer[] NOT NULL,
    scale_verified_days    integer[] NOT NULL,
    CONSTRAINT vendor_portraits_pkey PRIMARY KEY (market_id, vendor_id),
    CONSTRAINT vendor_portraits_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT vendor_portraits_scales_whole
        CHECK (cardinality(scale_ids) = cardinality(scale_days) AND cardinality(scale_ids) = cardinality(scale_verified_days))
);

-- Its figure on an axis: `part` of `whole`, what that comes to, and at how many of its peers' it does not come out worse.
-- What is not known has no value, and what cannot be compared no rank; `lack` says why.
CREATE TABLE vendor_portrait_axes (
    market_id      text NOT NULL,
    vendor_id      text NOT NULL,
    axis           text NOT NULL,
    part           bigint NOT NULL,
    whole          bigint NOT NULL,
    value          bigint,
    rank_permille  integer,
    peers          integer NOT NULL,
    lack           text,
    CONSTRAINT vendor_portrait_axes_pkey PRIMARY KEY (market_id, vendor_id, axis),
    CONSTRAINT vendor_portrait_axes_of_a_portrait
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendor_portraits (market_id, vendor_id) ON DELETE CASCADE,
    CONSTRAINT vendor_portrait_axes_axis_known
        CHECK (axis IN ('volume', 'prices', 'verification', 'scale_use', 'complaints', 'response')),
    CONSTRAINT vendor_portrait_axes_lack_known
        CHECK (lack IN ('few_days', 'no_sales', 'few_sales', 'few_capped', 'not_registered', 'nothing_due', 'no_goods',
                        'few_peers')),
    CONSTRAINT vendor_portrait_axes_rank_bounded CHECK (rank_permille BETWEEN 0 AND 1000),
    CONSTRAINT vendor_portrait_axes_ranked_or_why CHECK ((rank_permille IS NULL) = (lack IS NOT NULL)),
    CONSTRAINT vendor_portrait_axes_ranked_by_a_value CHECK (rank_permille IS NULL OR value IS NOT NULL)
);

-- Quartiles of those that sell the same: over all of the span, and (`week` 0 is the oldest) by week. Kept only where there
-- are enough of them that none shows.
CREATE TABLE portrait_quartiles (
    market_id  text NOT NULL,
    goods      text NOT NULL,
    axis       text NOT NULL,
    week       integer NOT NULL,
    vendors    integer NOT NULL,
    lower      bigint NOT NULL,
    median     bigint NOT NULL,
    upper      bigint NOT NULL,
    CONSTRAINT portrait_quartiles_pkey PRIMARY KEY (market_id, goods, axis, week),
    CONSTRAINT portrait_quartiles_ordered CHECK (lower <= median AND median <= upper),
    CONSTRAINT portrait_quartiles_whole_span_or_a_week CHECK (week >= -1)
);

-- By which day a rectification was due is asked of a market's span of days.
CREATE INDEX alerts_rectified_by ON alerts (market_id, rectify_by) WHERE rectify_by IS NOT NULL;

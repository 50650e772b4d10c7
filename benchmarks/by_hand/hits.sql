-- Third part: warnings with their level, milestones, and entitlements that ask for more than a
-- tier. One column per rule over the wide table, then one row per rule that holds.

CREATE TABLE key_account_hits AS
SELECT
    account_id,

    -- warnings, the worst level first
    CASE WHEN is_key_account AND (days_since_brief > 14 OR briefs_12m = 0) THEN 'blue' END
        AS brief_missing,
    CASE WHEN business_lines < business_lines_prior THEN CASE
        WHEN level IN ('strategic', 'core') THEN 'yellow'
        WHEN business_lines_prior >= 2 THEN 'blue'
    END END AS business_line_lost,
    CASE
        WHEN competitor_contacts_90d >= 3 THEN 'orange'
        WHEN competitor_contacts_90d >= 1 THEN 'yellow'
    END AS competitor_contact,
    CASE
        WHEN complaints_90d >= 5 THEN 'red'
        WHEN complaints_90d >= 2 AND complaint_growth > 0 THEN 'yellow'
    END AS complaint_surge,
    CASE WHEN revenue_share >= 0.25 THEN 'orange' END AS dependence,
    CASE
        WHEN level = 'strategic' AND days_since_executive_meeting > 180 THEN 'orange'
        WHEN level IN ('strategic', 'core')
            AND (days_since_executive_meeting > 180 OR executive_meetings_12m = 0) THEN 'yellow'
    END AS executive_distance,
    CASE
        WHEN is_key_account AND industry_growth < -0.1 THEN 'orange'
        WHEN is_key_account AND industry_growth < 0 THEN 'yellow'
    END AS industry_downturn,
    CASE
        WHEN grave_management_changes_90d >= 1 AND is_key_account THEN 'red'
        WHEN management_changes_90d >= 1 THEN 'yellow'
    END AS management_change,
    CASE
        WHEN gross_margin_change <= -0.1 THEN 'orange'
        WHEN gross_margin_change <= -0.05 THEN 'yellow'
    END AS margin_erosion,
    CASE
        WHEN overdue_share >= 0.3 OR payment_defaults_180d >= 1 THEN 'red'
        WHEN overdue_share >= 0.1 THEN 'yellow'
    END AS overdue_receivables,
    CASE WHEN is_key_account AND (days_to_birthday <= 7 OR days_to_anniversary <= 7) THEN 'blue' END
        AS personal_date_ahead,
    CASE WHEN revenue_share >= 0.03
        AND (purchase_dates_36m <= 1 OR payment_days >= 180) THEN 'yellow' END
        AS pseudo_key_account,
    CASE
        WHEN purchase_90d_last_year <= 0 THEN NULL
        WHEN is_key_account AND purchase_change_90d <= -0.6 THEN 'red'
        WHEN is_key_account AND purchase_change_90d <= -0.4 THEN 'orange'
        WHEN purchase_change_90d <= -0.2 THEN 'yellow'
    END AS purchase_decline,
    CASE
        WHEN return_rate >= 0.08 THEN 'orange'
        WHEN return_rate >= 0.03 THEN 'yellow'
    END AS returns_high,
    CASE
        WHEN is_key_account AND (days_since_contact > 90 OR contacts_12m = 0) THEN 'orange'
        WHEN is_key_account AND days_since_contact > 45 THEN 'yellow'
    END AS silent_account,
    CASE
        WHEN payment_days >= 180 THEN 'red'
        WHEN payment_days >= 120 THEN 'orange'
        WHEN payment_days >= 90 THEN 'yellow'
    END AS slow_payment,

    -- milestones, on the tier before any of them moved it; what promotes at once is no hit
    CASE WHEN level_before = 'standard' AND purchase_growth >= 0.5 AND annual_purchase >= 1000000
        AND strategic_fit >= 3 AND NOT is_excluded THEN '' END AS rising_account,
    CASE WHEN level_before = 'potential' AND cooperation_stage IN ('stable', 'renewal') THEN '' END
        AS running_in_over,
    CASE WHEN level_before = 'core' AND revenue_share >= 0.15 AND business_lines >= 3
        AND executive_meetings_12m >= 2 THEN '' END AS strategic_candidate,
    CASE WHEN level_before = 'core' AND business_lines >= 3 AND business_lines_prior < 3 THEN '' END
        AS third_business_line,

    -- entitlements
    CASE WHEN is_key_account
        AND (contact_birthday IS NOT NULL OR founded_on IS NOT NULL) THEN '' END AS personal_dates,
    CASE WHEN is_key_account AND capacity_multiple_3y >= 5 THEN '' END AS reserved_capacity,
    CASE WHEN level = 'potential'
        AND cooperation_stage IN ('first_cooperation', 'running_in') THEN '' END AS running_in_guide
FROM (SELECT *, level <> 'standard' AS is_key_account FROM decided WHERE is_active);

CREATE TABLE engineering_hits AS
SELECT
    account_id,

    -- warnings, the worst level first
    CASE
        WHEN archived_unconfirmed_90d >= 3 THEN 'yellow'
        WHEN archived_unconfirmed_90d >= 1 THEN 'blue'
    END AS archived_without_confirmation,
    CASE WHEN archived_without_reference_90d >= 1 THEN 'blue' END AS archived_without_reference,
    CASE
        WHEN churn_probability >= 0.7 AND is_major THEN 'red'
        WHEN churn_probability >= 0.5 THEN 'orange'
        WHEN churn_probability >= 0.3 THEN 'yellow'
    END AS churn_risk,
    CASE
        WHEN complaints_90d >= 5 THEN 'red'
        WHEN complaints_90d >= 2 AND complaint_growth > 0 THEN 'yellow'
    END AS complaint_trend,
    CASE
        WHEN longest_delay_days >= 30 AND is_major THEN 'red'
        WHEN longest_delay_days >= 15 THEN 'orange'
        WHEN late_deliveries >= 1 THEN 'yellow'
    END AS delivery_delay,
    CASE
        WHEN is_major AND customer_managers = 0 THEN 'orange'
        WHEN is_major AND managers_in_charge < 2 THEN 'yellow'
    END AS deputy_missing,
    CASE WHEN nps < 0 THEN 'yellow' END AS detractor,
    CASE
        WHEN issues_open_3_days >= 3 AND is_major THEN 'orange'
        WHEN issues_open_3_days >= 1 THEN 'yellow'
    END AS issue_not_closed,
    CASE
        WHEN issues_without_owner >= 3 THEN 'orange'
        WHEN issues_without_owner >= 1 THEN 'yellow'
    END AS issue_without_owner,
    CASE WHEN churn_reason = 'service' AND churn_probability >= 0.3 THEN 'orange' END
        AS leaving_over_service,
    CASE
        WHEN is_major AND (days_since_contact > 90 OR contacts_12m = 0) THEN 'orange'
        WHEN is_major AND days_since_contact > 30 THEN 'yellow'
    END AS no_activity,
    CASE
        WHEN grave_sentiments_90d >= 1 THEN 'orange'
        WHEN management_changes_90d >= 1 OR competitor_contacts_90d >= 1
            OR demand_signals_180d >= 1 THEN 'yellow'
    END AS outside_signals,
    CASE
        WHEN overdue_share >= 0.3 OR payment_defaults_180d >= 1 THEN 'red'
        WHEN overdue_share >= 0.15 THEN 'orange'
        WHEN overdue_amount > 0 THEN 'yellow'
    END AS payment_behind,
    CASE
        WHEN customer_health < 40 THEN 'orange'
        WHEN customer_health < 60 THEN 'yellow'
    END AS poor_health,
    CASE
        WHEN satisfaction < 60 THEN 'red'
        WHEN satisfaction < 80 AND is_major THEN 'yellow'
    END AS satisfaction_low,

    -- milestones, on the tier before any of them moved it; what promotes at once is no hit
    CASE WHEN class_before = 'class_b' AND annual_purchase >= 4000000 AND purchase_growth >= 0.2
        AND customer_health >= 75 THEN '' END AS rise_to_class_a,
    CASE WHEN purchase_growth >= 0.5 AND expansion_opportunities >= 1
        AND class_before <> 'class_c' THEN '' END AS second_phase_won,

    -- entitlements
    CASE WHEN is_major AND ownership = 'central_state_owned' THEN '' END AS onsite_service,
    CASE WHEN is_major AND customer_health < 60 THEN '' END AS recovery_team
FROM (SELECT *, class <> 'class_c' AS is_major FROM decided WHERE is_active);

CREATE TABLE hits AS
SELECT 'key_account_rules' AS pack, account_id, rule, hit AS level
FROM (UNPIVOT key_account_hits ON COLUMNS (* EXCLUDE account_id) INTO NAME rule VALUE hit)
UNION ALL
SELECT 'engineering', account_id, rule, hit
FROM (UNPIVOT engineering_hits ON COLUMNS (* EXCLUDE account_id) INTO NAME rule VALUE hit);

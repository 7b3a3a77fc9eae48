"""What the portal says of each service."""

SERVICES = {
    "catalog": "frames, headers, QC values, lineage, validity",
    "scheduler": "plans, jobs, tasks, attempts, why",
    "storage": "uploads, downloads, the site's inventory",
    "auth": "users, projects, tokens",
}

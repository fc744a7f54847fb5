using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AiPipe.Proxy.Infrastructure.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class CallsAndKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "api_key",
                table: "ledger_entries",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "timeline",
                table: "ledger_entries",
                type: "jsonb",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "api_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    user_name = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    prefix = table.Column<string>(type: "text", nullable: false),
                    limit_usd = table.Column<decimal>(type: "numeric", nullable: true),
                    days = table.Column<int>(type: "integer", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    made_by = table.Column<string>(type: "text", nullable: true),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_api_keys", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_ledger_entries_adjustments",
                table: "ledger_entries",
                columns: new[] { "user_name", "day" },
                filter: "kind = 'adjustment'");

            migrationBuilder.CreateIndex(
                name: "ix_ledger_entries_api_key_started_at",
                table: "ledger_entries",
                columns: new[] { "api_key", "started_at" },
                descending: new[] { false, true },
                filter: "api_key is not null");

            migrationBuilder.CreateIndex(
                name: "ix_ledger_entries_started_at",
                table: "ledger_entries",
                column: "started_at");

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_changed_at",
                table: "api_keys",
                column: "changed_at");

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_hash",
                table: "api_keys",
                column: "hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_user_name_created_at",
                table: "api_keys",
                columns: new[] { "user_name", "created_at" },
                descending: new[] { false, true });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "api_keys");

            migrationBuilder.DropIndex(
                name: "ix_ledger_entries_adjustments",
                table: "ledger_entries");

            migrationBuilder.DropIndex(
                name: "ix_ledger_entries_api_key_started_at",
                table: "ledger_entries");

            migrationBuilder.DropIndex(
                name: "ix_ledger_entries_started_at",
                table: "ledger_entries");

            migrationBuilder.DropColumn(
                name: "api_key",
                table: "ledger_entries");

            migrationBuilder.DropColumn(
                name: "timeline",
                table: "ledger_entries");
        }
    }
}

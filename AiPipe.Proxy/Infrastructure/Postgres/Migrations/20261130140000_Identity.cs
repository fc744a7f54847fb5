using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AiPipe.Proxy.Infrastructure.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Identity : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string[]>(
                name: "known_places",
                table: "people",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'::text[]");

            migrationBuilder.AddColumn<string>(
                name: "redirect",
                table: "app_grants",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "uses_code",
                table: "app_grants",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "ended_sessions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ended_sessions", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_ledger_entries_response_id",
                table: "ledger_entries",
                column: "response_id",
                filter: "response_id is not null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ended_sessions");

            migrationBuilder.DropIndex(
                name: "ix_ledger_entries_response_id",
                table: "ledger_entries");

            migrationBuilder.DropColumn(
                name: "known_places",
                table: "people");

            migrationBuilder.DropColumn(
                name: "redirect",
                table: "app_grants");

            migrationBuilder.DropColumn(
                name: "uses_code",
                table: "app_grants");
        }
    }
}

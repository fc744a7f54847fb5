using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AiPipe.Proxy.Infrastructure.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class UnattributedEntries : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_ledger_entries_unattributed",
                table: "ledger_entries",
                column: "kind",
                filter: "kind in ('unattributed', 'reversal')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_ledger_entries_unattributed",
                table: "ledger_entries");
        }
    }
}

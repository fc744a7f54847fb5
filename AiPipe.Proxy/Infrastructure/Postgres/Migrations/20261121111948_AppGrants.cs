using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AiPipe.Proxy.Infrastructure.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class AppGrants : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "app_grants",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_name = table.Column<string>(type: "text", nullable: false),
                    origin = table.Column<string>(type: "text", nullable: false),
                    limit_usd = table.Column<decimal>(type: "numeric", nullable: false),
                    days = table.Column<int>(type: "integer", nullable: false),
                    remembered = table.Column<bool>(type: "boolean", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_app_grants", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "app_codes",
                columns: table => new
                {
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    grant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    redirect = table.Column<string>(type: "text", nullable: false),
                    challenge = table.Column<string>(type: "text", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_app_codes", x => x.hash);
                    table.ForeignKey(
                        name: "fk_app_codes_app_grants_grant_id",
                        column: x => x.grant_id,
                        principalTable: "app_grants",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_app_codes_expires_at",
                table: "app_codes",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_app_codes_grant_id",
                table: "app_codes",
                column: "grant_id");

            migrationBuilder.CreateIndex(
                name: "ix_app_grants_revoked_at",
                table: "app_grants",
                column: "revoked_at",
                filter: "revoked_at is not null");

            migrationBuilder.CreateIndex(
                name: "ix_app_grants_user_name_created_at",
                table: "app_grants",
                columns: new[] { "user_name", "created_at" },
                descending: new[] { false, true });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "app_codes");

            migrationBuilder.DropTable(
                name: "app_grants");
        }
    }
}
